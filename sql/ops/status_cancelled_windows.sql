-- Dates whose newest backfill was cancelled before it came to them, or while it was at them. Grain: date.
SELECT as_of::VARCHAR, 'cancelled before it was rebuilt'
FROM (
    FROM ops.backfill
    QUALIFY row_number() OVER (PARTITION BY as_of ORDER BY requested_at DESC, run_id) = 1
) AS newest
WHERE status IN ('requested', 'running')
    AND run_id IN (SELECT run_id FROM ops.runs WHERE starts_with(coalesce(message, ''), 'cancelled: '))
ORDER BY as_of
