(SELECT later.* EXCLUDE source_row, later.source_row + coalesce(earlier.position, 0) AS source_row
FROM {relation} AS later
ASOF LEFT JOIN (
    SELECT good_before, max(position) AS position FROM malformed GROUP BY good_before
) AS earlier ON later.source_row > earlier.good_before)
