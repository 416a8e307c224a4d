-- Rows of customers that raw.customers does not hold. Grain: row of the batch.
SELECT customer_key
FROM batch
WHERE customer_key IS NOT NULL AND customer_key NOT IN (SELECT customer_key FROM raw.customers)
