-- Not a number with the decimal sign of source.toml.
-- A branch of the CASE that judges a typed row: `rule:field`.
WHEN has_amount AND number IS NULL THEN 'unparsable_amount:amount'
