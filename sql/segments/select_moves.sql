-- Who moved from which segment to which since the date published before, all cells: not to be shown as it is.
-- Grain: from x to. Those without a row on the earlier date come from $new, those without one on the later go to $gone.
WITH earlier AS (
    SELECT customer_key, segment
    FROM segments.by_date
    WHERE as_of = (SELECT previous FROM segments.dates WHERE as_of = $as_of)
),
later AS (
    SELECT customer_key, segment FROM segments.by_date WHERE as_of = $as_of
)
SELECT coalesce(earlier.segment, $new), coalesce(later.segment, $gone), count(*)
FROM earlier
FULL JOIN later USING (customer_key)
GROUP BY ALL
