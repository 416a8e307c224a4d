-- Faulty rows with their whole text. Grain: source row. PII: row_text. Reads a Parquet source once more.
INSERT INTO raw.rejected (load_id, row_number, transaction_id, reason, column_name, row_text, rejected_at)
SELECT $load_id, faults.row_number, staged.transaction_id, faults.reason, faults.column_name, source.row_text, now()
FROM faults
JOIN staged USING (row_number)
JOIN (
    SELECT microseg_row, to_json({fields}) AS row_text
    FROM {relation} AS delivered
    WHERE microseg_row IN (SELECT row_number FROM faults)
) AS source ON source.microseg_row = faults.row_number
