-- Customers that raw.customers does not hold. Grain: customer. Few customers are looked up in place of many rows.
SELECT customer_key
FROM (SELECT DISTINCT customer_key FROM batch)
WHERE customer_key IS NOT NULL AND customer_key NOT IN (SELECT customer_key FROM raw.customers)
