-- An id or a code that no bank writes; it would be copied into every table.
-- Values are cut behind the limit of warehouse/sources/expressions.py, in characters; bytes are cheaper to count.
-- The field at fault, or null; of a typed row.
CASE
    WHEN strlen(transaction_id) > 1000 AND length(transaction_id) > 1000 THEN 'transaction_id'
    WHEN strlen(customer_id) > 1000 AND length(customer_id) > 1000 THEN 'customer_id'
    WHEN strlen(source_code) > 1000 AND length(source_code) > 1000 THEN 'source_code'
END
