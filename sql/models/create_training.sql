-- Customers fit to train on, in an order that depends on nothing but who they are. Grain: customer.
-- The bucket (0 to 99) is a hash of the customer's id: the same people are held out in every training.
CREATE OR REPLACE TEMP TABLE training AS
SELECT customer_key, bucket, row_number() OVER (ORDER BY identity) - 1 AS position
FROM (
    SELECT customer_key, md5(customer_id) AS identity, (md5_number(customer_id) % 100)::UTINYINT AS bucket
    FROM raw.customers
    WHERE NOT suppressed AND customer_key IN (
        SELECT customer_key
        FROM spending
        WHERE as_of = $as_of AND window_name = $window_name
        GROUP BY customer_key
        HAVING count(DISTINCT step) >= $min_active_steps
    )
    ORDER BY identity
    LIMIT $limit
)
