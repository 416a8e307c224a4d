-- Lines of a CSV that are no rows. Grain: line. PII: row_text.
INSERT INTO raw.rejected
SELECT $load_id, row_number, NULL, reason, column_name, to_json({'line': csv_line}), now(), NULL
FROM malformed
