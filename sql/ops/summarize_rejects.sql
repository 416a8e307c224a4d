-- Rows that wait in the quarantine. Grain: reason x column.
SELECT reason, coalesce(column_name, '') AS column_name, count(*) AS rows
FROM raw.rejects_waiting
GROUP BY ALL
ORDER BY rows DESC, reason
