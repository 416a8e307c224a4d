-- Segments of depth 1, as published, with their change since the date published before. Grain: segment.
SELECT
    coalesce(segment_1, segment) AS segment,
    count(*) FILTER (as_of = $as_of) AS customers,
    count(*) FILTER (as_of = $as_of) - count(*) FILTER (as_of = dates.previous) AS change,
    dates.previous IS NOT NULL AS compared
FROM segments.by_date AS people
CROSS JOIN (SELECT previous FROM segments.dates WHERE as_of = $as_of) AS dates
WHERE people.as_of = $as_of OR people.as_of = dates.previous
GROUP BY ALL
ORDER BY customers DESC, segment
