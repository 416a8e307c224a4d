-- Who is known by a date: changes when a customer is known earlier, later or no more. Grain: one row.
SELECT left(md5(concat_ws(':', count(*), bit_xor(hash(customer_key)))), 16)
FROM raw.customers
WHERE first_seen <= $as_of AND NOT suppressed
