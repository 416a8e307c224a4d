-- Grain: as_of x customer.
INSERT INTO candidates.by_date (
    as_of, customer_key, segment, depth, segment_1, segment_2, segment_3, segment_4, margin, neighbour, window_name,
    model_version
)
SELECT
    $as_of, customer_key, segment, depth, segment_1, segment_2, segment_3, segment_4, margin, neighbour,
    $window_name, $model_version
FROM arriving
