-- What was rejected most in the loads that wait at the gate. Grain: reason x column; example: its first row.
SELECT
    rejected.reason,
    rejected.column_name,
    count(*) AS rows,
    arg_min({'source': loads.source, 'row': rejected.row_number}, (loads.source, rejected.row_number)) AS example
FROM raw.rejected AS rejected
JOIN raw.loads AS loads USING (load_id)
WHERE loads.status = 'pending'
GROUP BY rejected.reason, rejected.column_name
ORDER BY rows DESC, rejected.reason, rejected.column_name
