-- The newest date becomes current. Grain: customer.
INSERT INTO segments.current (
    customer_key, segment, depth, segment_1, segment_2, segment_3, segment_4, margin, neighbour, window_name, as_of,
    model_version, published_at
)
SELECT
    customer_key, segment, depth, segment_1, segment_2, segment_3, segment_4, margin, neighbour, window_name, as_of,
    model_version, now()
FROM segments.by_date
WHERE as_of = $as_of
ORDER BY customer_key
