-- What is rejected most in each source of the batch. Grain: source x reason x column; first_row: an example.
-- shape: how the example's date is written, digits as 9 and letters as A; never the value.
SELECT
    batch.source_number,
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
FROM (
    SELECT source_number, row_number, reason, column_name, row_text FROM faulty
    UNION ALL
    SELECT source_number, row_number, reason, column_name, NULL FROM malformed
    UNION ALL
    SELECT source_number, row_number, 'duplicate_id_with_other_content', 'transaction_id', NULL
    FROM claims
    WHERE conflict
)
JOIN batch USING (source_number)
GROUP BY batch.source_number, reason, column_name
ORDER BY batch.source_number, rows DESC, reason, column_name
