-- An id, code or currency that no bank writes; it would be copied into every table. Grain: faulty row of `staged`.
-- Staged values are cut behind the limit of warehouse/sources/expressions.py, in characters.
SELECT row_number, 'transaction_id' AS column_name FROM staged WHERE length(transaction_id) > 1000
UNION ALL
SELECT row_number, 'customer_id' FROM staged WHERE length(customer_id) > 1000
UNION ALL
SELECT row_number, 'source_code' FROM staged WHERE length(source_code) > 1000
