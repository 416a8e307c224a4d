-- The readable rows of a CSV as a FROM expression, numbered as in renumber_staged. Grain: readable source row.
(SELECT later.* EXCLUDE microseg_row, later.microseg_row + coalesce(earlier.position, 0) AS microseg_row
FROM {relation} AS later
ASOF LEFT JOIN (
    SELECT good_before, max(position) AS position FROM malformed GROUP BY good_before
) AS earlier ON later.microseg_row > earlier.good_before)
