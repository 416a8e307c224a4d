-- Customers who changed between segments of depth 1 since the date published before, as far as groups large enough to be
-- shown tell. Grain: transition.
SELECT
    split_part(from_segment, '.', 1) AS from_1, split_part(to_segment, '.', 1) AS to_1, sum(customers)::BIGINT AS customers
FROM segments.transitions
WHERE as_of = $as_of AND previous IS NOT NULL AND from_segment != 'other'
    AND split_part(from_segment, '.', 1) != split_part(to_segment, '.', 1)
GROUP BY ALL
ORDER BY customers DESC, from_1, to_1
LIMIT 10
