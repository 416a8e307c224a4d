-- Gives new customers of the staged rows a key. Grain: customer. PII: customer_id, which lives in this table alone.
INSERT INTO raw.customers
SELECT
    (SELECT coalesce(max(customer_key), 0) FROM raw.customers) + row_number() OVER (ORDER BY customer_id),
    customer_id,
    first_seen,
    false
FROM arrivals
WHERE customer_key IS NULL
