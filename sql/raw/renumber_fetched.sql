-- Readable rows behind a malformed line move down by one each. Grain: readable source row.
UPDATE fetched
SET microseg_row = fetched.microseg_row + shift.position
FROM (
    SELECT later.microseg_row, earlier.position
    FROM fetched AS later
    ASOF JOIN (
        SELECT good_before, max(position) AS position
        FROM malformed
        WHERE source_number = $source_number
        GROUP BY good_before
    ) AS earlier ON later.microseg_row > earlier.good_before
) AS shift
WHERE fetched.microseg_row = shift.microseg_row
