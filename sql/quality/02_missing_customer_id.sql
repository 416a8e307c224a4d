-- Without a customer a row belongs to nobody. Grain: faulty row of `staged`.
SELECT row_number, 'customer_id' AS column_name
FROM staged
WHERE customer_id IS NULL
