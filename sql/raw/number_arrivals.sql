-- Gives customers that nobody has seen before the next free keys, in the order of their ids. Grain: customer.
-- PII: customer_id orders.
UPDATE arrivals
SET customer_key = numbered.customer_key
FROM (
    SELECT
        customer_id,
        (SELECT coalesce(max(customer_key), 0) FROM raw.customers) + row_number() OVER (ORDER BY customer_id)
            AS customer_key
    FROM arrivals
    WHERE customer_key IS NULL
) AS numbered
WHERE arrivals.customer_id = numbered.customer_id
