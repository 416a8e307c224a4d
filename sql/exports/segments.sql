-- Segment of every customer. Grain: customer.
SELECT * EXCLUDE (as_of)
FROM segments.by_date
WHERE as_of = $as_of
ORDER BY customer_key
