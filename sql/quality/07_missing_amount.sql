-- No amount was delivered. Grain: faulty row of `staged`.
SELECT row_number, 'amount' AS column_name
FROM staged
WHERE NOT has_amount
