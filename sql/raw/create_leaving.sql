-- Customers who may have been seen first in rows that leave with $replaced, and in none that come. Grain: customer.
-- $first_day and $after_day bound the months of those loads.
CREATE OR REPLACE TEMP TABLE leaving AS
SELECT known.customer_key
FROM (
    SELECT customer_key, min(booked_on) AS first_seen
    FROM (
        SELECT customer_key, booked_on
        FROM raw.transactions
        WHERE list_contains($replaced::VARCHAR[], load_id) AND booked_on >= $first_day AND booked_on < $after_day
        UNION ALL
        SELECT customer_key, booked_on FROM raw.duplicates WHERE list_contains($replaced::VARCHAR[], load_id)
    )
    GROUP BY customer_key
) AS held
JOIN raw.customers AS known USING (customer_key)
LEFT JOIN arrivals USING (customer_key)
WHERE held.first_seen <= known.first_seen
    AND (arrivals.first_seen IS NULL OR arrivals.first_seen > known.first_seen)
