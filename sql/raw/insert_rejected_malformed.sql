-- Lines of a CSV that are no rows. Grain: line. PII: row_text.
INSERT INTO raw.rejected (load_id, row_number, transaction_id, reason, column_name, row_text, rejected_at)
SELECT $load_id, row_number, NULL, reason, column_name, to_json({'line': csv_line}), now()
FROM malformed
