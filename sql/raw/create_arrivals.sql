-- Customers of the staged rows without a fault, with their earliest day and what is known of them. Grain: customer.
-- PII: customer_id (temporary).
CREATE OR REPLACE TEMP TABLE arrivals AS
SELECT
    arriving.customer_id,
    arriving.first_seen,
    known.customer_key,
    known.customer_key IS NULL AS is_new,
    known.first_seen AS known_since
FROM (
    SELECT customer_id, min(booked_on) AS first_seen
    FROM staged
    ANTI JOIN faults USING (row_number)
    GROUP BY customer_id
) AS arriving
LEFT JOIN raw.customers AS known USING (customer_id)
