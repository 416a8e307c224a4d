-- What was rejected most in one load. Grain: reason x column; first_row: an example.
-- shape: how the example's date is written, digits as 9 and letters as A; never the value.
SELECT
    reason,
    column_name,
    count(*) AS rows,
    min(row_number) AS first_row,
    CASE WHEN reason = 'unparsable_date' THEN left(
        arg_min(
            regexp_replace(regexp_replace(row_text->>$date_path, '\p{L}', 'A', 'g'), '\p{N}', '9', 'g'), row_number
        ),
        30
    ) END AS shape
FROM raw.rejected
WHERE load_id = $load_id
GROUP BY reason, column_name
ORDER BY rows DESC, reason, column_name
