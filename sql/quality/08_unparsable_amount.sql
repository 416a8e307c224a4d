-- Not a number with the decimal sign of source.toml. Grain: faulty row of `staged`.
SELECT row_number, 'amount' AS column_name
FROM staged
WHERE has_amount AND number IS NULL
