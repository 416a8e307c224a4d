-- NaN, infinite, or beyond [amount] maximum of source.toml.
-- A branch of the CASE that judges a typed row: `rule:field`.
WHEN number IS NOT NULL AND (amount IS NULL OR abs(number) > $maximum) THEN 'absurd_amount:amount'
