-- Key of a customer with a published segment, and its date. Grain: one row or none. PII: looked up by customer_id.
SELECT current.customer_key, current.as_of
FROM raw.customers AS known
JOIN segments.current AS current USING (customer_key)
WHERE known.customer_id = $customer_id
