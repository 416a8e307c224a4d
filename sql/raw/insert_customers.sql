-- Customers that nobody has seen before. Grain: customer. PII: customer_id, which lives in this table alone.
INSERT INTO raw.customers (customer_key, customer_id, first_seen, suppressed)
SELECT customer_key, customer_id, first_seen, false
FROM arrivals
WHERE is_new
