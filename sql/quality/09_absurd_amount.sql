-- NaN, infinite, or beyond [amount] maximum of source.toml.
-- The field at fault, or null; of a typed row.
CASE WHEN number IS NOT NULL AND (amount IS NULL OR abs(number) > $maximum) THEN 'amount' END
