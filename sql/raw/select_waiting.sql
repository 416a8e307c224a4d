-- Rejected rows that wait to be corrected, the source's columns side by side. Grain: source row. PII: all of it.
-- A line that was no row has its text in malformed_line.
SELECT load_id, row_number, reason, column_name, {fields}row_text->>'$.line' AS malformed_line
FROM {rows}
ORDER BY load_id, row_number
