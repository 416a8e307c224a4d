-- Rows of the dates that are let go of. Grain: that of the table. The bounds keep the files of other dates closed.
DELETE FROM {table}
WHERE as_of >= $first_day AND as_of <= $last_day AND as_of IN (SELECT as_of FROM letting_go)
