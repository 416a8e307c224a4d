-- The faulty rows of a source as they were delivered. Grain: faulty source row. PII: row_text (temporary).
-- Kept before the transaction: in it the source is not read again, so that it may change then.
INSERT INTO faulty (source_number, row_number, transaction_id, reason, column_name, row_text)
SELECT
    $source_number,
    staged.row_number,
    staged.transaction_id,
    split_part(staged.fault, ':', 1),
    split_part(staged.fault, ':', 2),
    source.row_text
FROM staged
JOIN (
    SELECT microseg_row, to_json({fields}) AS row_text
    FROM {relation} AS delivered
    WHERE microseg_row IN (
        SELECT staged.row_number FROM staged WHERE staged.source_number = $source_number AND staged.fault IS NOT NULL
    )
) AS source ON source.microseg_row = staged.row_number
WHERE staged.source_number = $source_number AND staged.fault IS NOT NULL
