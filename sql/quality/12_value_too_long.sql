-- An id or a code that no bank writes; it would be copied into every table.
-- Values are cut behind the limit of warehouse/sources/expressions.py, in characters; bytes are cheaper to count.
-- A branch of the CASE that judges a typed row: `rule:field`.
WHEN strlen(transaction_id) > 1000 AND length(transaction_id) > 1000 THEN 'value_too_long:transaction_id'
WHEN strlen(customer_id) > 1000 AND length(customer_id) > 1000 THEN 'value_too_long:customer_id'
WHEN strlen(source_code) > 1000 AND length(source_code) > 1000 THEN 'value_too_long:source_code'
