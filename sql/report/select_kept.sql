-- Customers with a trait at two dates that follow each other among $dates, and those whose first trait changed: not to be
-- shown as it is. Grain: later date.
WITH pairs AS (
    SELECT as_of, lag(as_of) OVER (ORDER BY as_of) AS previous FROM (SELECT unnest($dates::DATE[]) AS as_of)
),
people AS (
    SELECT as_of, customer_key, split_part(segment, '.', 1) AS trait
    FROM segments.by_date
    WHERE as_of IN ({listed}) AND depth > 0
)
SELECT pairs.as_of, pairs.previous, count(*), count(*) FILTER (later.trait != earlier.trait)
FROM pairs
JOIN people AS later ON later.as_of = pairs.as_of
JOIN people AS earlier ON earlier.as_of = pairs.previous AND earlier.customer_key = later.customer_key
GROUP BY ALL
ORDER BY pairs.as_of
