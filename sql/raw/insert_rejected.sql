-- Faulty rows with their whole text, and lines of a CSV that are no rows. Grain: source row. PII: row_text.
INSERT INTO raw.rejected (load_id, row_number, transaction_id, reason, column_name, row_text, rejected_at)
SELECT load_id, row_number, transaction_id, reason, column_name, row_text, now()
FROM faulty
JOIN batch USING (source_number)
UNION ALL
SELECT load_id, row_number, NULL, reason, column_name, to_json({'line': csv_line}), now()
FROM malformed
JOIN batch USING (source_number)
