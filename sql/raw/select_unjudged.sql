-- Loads that an earlier version let in before its gate, and that the gate would not have let pass. Grain: load.
SELECT load_id
FROM raw.loads
WHERE status = 'pending' AND reason = 'not judged' AND rows_rejected > rows_read * $limit
ORDER BY load_id
