-- Who moved from which segment to which between two dates, all cells: not to be shown as it is.
-- Grain: from x to. Those without a row on the earlier date come from $new, those without one on the later go to $gone;
-- without an earlier date everybody comes from $new.
WITH earlier AS (
    SELECT customer_key, segment FROM segments.by_date WHERE as_of = $earlier
),
later AS (
    SELECT customer_key, segment FROM segments.by_date WHERE as_of = $later
)
SELECT coalesce(earlier.segment, $new), coalesce(later.segment, $gone), count(*)
FROM earlier
FULL JOIN later USING (customer_key)
GROUP BY ALL
