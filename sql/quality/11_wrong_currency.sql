-- Amounts of different currencies must not be added. Grain: faulty row of `staged`.
SELECT row_number, 'currency' AS column_name
FROM staged
WHERE currency IS DISTINCT FROM $currency
