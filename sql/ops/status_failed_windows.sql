-- Dates whose newest backfill failed, or was stopped before it came to them; not by a cancel. Grain: date.
SELECT as_of::VARCHAR, status || coalesce(': ' || left(nullif(message, ''), 200), '')
FROM (
    FROM ops.backfill
    QUALIFY row_number() OVER (PARTITION BY as_of ORDER BY requested_at DESC, run_id) = 1
) AS newest
WHERE status = 'failed'
    OR (status IN ('requested', 'running')
        AND run_id NOT IN (SELECT run_id FROM ops.runs WHERE starts_with(coalesce(message, ''), 'cancelled: '))
        AND run_id NOT IN (
            SELECT run_id FROM ops.runs
            WHERE status = 'running'
                AND started_at >= $now::TIMESTAMPTZ - to_hours($patience_hours::INTEGER)
                AND NOT list_contains($killed::VARCHAR[], run_id)
        ))
ORDER BY as_of
