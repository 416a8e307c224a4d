-- Late rows may be a customer's earliest. Grain: customer.
UPDATE raw.customers AS known
SET first_seen = arrivals.first_seen
FROM arrivals
WHERE known.customer_id = arrivals.customer_id AND arrivals.first_seen < known.first_seen
