-- Customers whose earliest rows left: the earliest of those that remain, or nothing. Grain: customer.
UPDATE raw.customers AS known
SET first_seen = remaining.first_seen
FROM (
    SELECT leaving.customer_key, min(held.booked_on) AS first_seen
    FROM leaving
    LEFT JOIN (
        SELECT customer_key, booked_on FROM raw.transactions
        UNION ALL
        SELECT customer_key, booked_on FROM raw.duplicates WHERE mended_load_id IS NULL
    ) AS held USING (customer_key)
    GROUP BY leaving.customer_key
) AS remaining
WHERE known.customer_key = remaining.customer_key
