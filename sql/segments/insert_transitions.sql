-- Moves since the date published before. Grain: as_of x from x to.
INSERT INTO segments.transitions (as_of, previous, from_segment, to_segment, customers)
SELECT dates.as_of, dates.previous, coalesce(earlier.segment, 'new'), later.segment, count(*)
FROM segments.dates AS dates
JOIN segments.by_date AS later ON later.as_of = dates.as_of
LEFT JOIN segments.by_date AS earlier
    ON earlier.as_of = dates.previous AND earlier.customer_key = later.customer_key
WHERE dates.as_of = $as_of
GROUP BY ALL
