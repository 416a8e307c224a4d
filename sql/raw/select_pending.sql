-- Rows of the loads that wait at the gate. Grain: one row.
SELECT count(*), coalesce(sum(rows_read), 0)::BIGINT, coalesce(sum(rows_rejected), 0)::BIGINT
FROM raw.loads
WHERE status = 'pending'
