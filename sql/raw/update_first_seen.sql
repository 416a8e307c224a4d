-- Late rows may be a customer's earliest. Grain: customer.
UPDATE raw.customers AS known
SET first_seen = earlier.first_seen
FROM (
    SELECT customer_id, min(booked_on) AS first_seen
    FROM staged
    ANTI JOIN faults USING (row_number)
    GROUP BY customer_id
) AS earlier
WHERE known.customer_id = earlier.customer_id AND earlier.first_seen < known.first_seen
