-- NaN, infinite, or beyond [amount] maximum of source.toml. Grain: faulty row of `staged`.
SELECT row_number, 'amount' AS column_name
FROM staged
WHERE number IS NOT NULL AND (amount IS NULL OR abs(number) > $maximum)
