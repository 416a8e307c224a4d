-- The keys that the rows of a batch are written with at first. Grain: customer. PII: customer_id (temporary).
CREATE TEMP TABLE arrivals AS
SELECT DISTINCT customer_id, customer_key FROM staged_customers
