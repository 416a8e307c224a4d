-- Segment of every customer. Grain: customer.
SELECT as_of AS business_date, * EXCLUDE (as_of)
FROM segments.by_date
WHERE as_of = $as_of
ORDER BY customer_key
