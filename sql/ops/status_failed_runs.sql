-- Flows whose newest run failed, was killed, or began so long ago that it must have been. Grain: flow.
-- One that was cancelled is not broken. One that goes on for less than $patience_hours is at work, not broken. The newest is the one entered last: the clock
-- of the machine may have been put back between two.
SELECT
    flow || ' of ' || as_of,
    CASE
        WHEN status = 'running' THEN 'running since ' || strftime(timezone($zone, started_at), '%Y-%m-%d %H:%M')
            || CASE WHEN list_contains($killed::VARCHAR[], run_id) THEN ', killed' ELSE ', probably killed' END
        ELSE 'failed ' || strftime(timezone($zone, coalesce(finished_at, started_at)), '%Y-%m-%d %H:%M') || ': '
            || left(split_part(coalesce(message, ''), chr(10), 1), 200)
    END
FROM (
    FROM ops.runs
    QUALIFY row_number() OVER (PARTITION BY flow ORDER BY rowid DESC) = 1
)
WHERE (status = 'failed' AND NOT starts_with(coalesce(message, ''), 'cancelled: '))
    OR (status = 'running' AND started_at < $now::TIMESTAMPTZ - to_hours($patience_hours::INTEGER))
    OR (status = 'running' AND list_contains($killed::VARCHAR[], run_id))
ORDER BY flow
