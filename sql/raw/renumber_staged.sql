-- Readable rows behind a malformed line move down by one each. Grain: readable source row.
UPDATE staged
SET row_number = staged.row_number + shift.position
FROM (
    SELECT later.row_number, earlier.position
    FROM staged AS later
    ASOF JOIN (
        SELECT good_before, max(position) AS position FROM malformed GROUP BY good_before
    ) AS earlier ON later.row_number > earlier.good_before
) AS shift
WHERE staged.row_number = shift.row_number
