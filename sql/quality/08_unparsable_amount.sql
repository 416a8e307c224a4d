-- Not a number with the decimal sign of source.toml.
-- The field at fault, or null; of a typed row.
CASE WHEN has_amount AND number IS NULL THEN 'amount' END
