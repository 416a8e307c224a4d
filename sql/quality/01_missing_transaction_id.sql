-- Without an id a row cannot be told from its repetition. Grain: faulty row of `staged`.
SELECT row_number, 'transaction_id' AS column_name
FROM staged
WHERE transaction_id IS NULL
