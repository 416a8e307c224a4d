-- Rows that wait in the quarantine. Grain: reason x column.
SELECT reason, coalesce(column_name, '') AS column_name, count(*) AS rows
FROM raw.rejected
WHERE replayed_load_id IS NULL
GROUP BY ALL
ORDER BY rows DESC, reason
