-- Grain: as_of x customer.
INSERT INTO segments.by_date
SELECT
    $as_of, customer_key, segment, depth, segment_1, segment_2, segment_3, segment_4, margin, neighbour,
    $window_name, $model_version
FROM arriving
