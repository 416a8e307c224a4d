-- Customers of the batch, with their earliest day and what is known of them. Grain: customer.
-- Those that nobody has seen before get the next free keys, by the source that brings them and then by id.
-- PII: customer_id (temporary); it orders.
CREATE OR REPLACE TEMP TABLE arrivals AS
SELECT
    arriving.customer_id,
    arriving.first_seen,
    coalesce(
        known.customer_key,
        (SELECT coalesce(max(customer_key), 0) FROM raw.customers)
        + row_number() OVER (PARTITION BY known.customer_key IS NULL ORDER BY arriving.source_number, customer_id)
    ) AS customer_key,
    known.customer_key IS NULL AS is_new,
    known.first_seen AS known_since
FROM (
    SELECT customer_id, min(first_seen) AS first_seen, min(source_number) AS source_number
    FROM batch_customers
    GROUP BY customer_id
) AS arriving
LEFT JOIN raw.customers AS known USING (customer_id)
