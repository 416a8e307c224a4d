-- Late rows may be a customer's earliest, or the first ones after all others were withdrawn. Grain: customer.
UPDATE raw.customers AS known
SET first_seen = arrivals.first_seen
FROM arrivals
WHERE known.customer_id = arrivals.customer_id
    AND (known.first_seen IS NULL OR arrivals.first_seen < known.first_seen)
