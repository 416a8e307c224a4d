-- Flows whose newest run failed, or began so long ago that it must have been killed. Grain: flow.
-- One that goes on for less than $patience_hours is at work, not broken.
SELECT
    flow || ' of ' || as_of,
    CASE status
        WHEN 'failed' THEN 'failed ' || strftime(finished_at, '%Y-%m-%d %H:%M') || ': ' || left(split_part(coalesce(message, ''), chr(10), 1), 200)
        ELSE 'running since ' || strftime(started_at, '%Y-%m-%d %H:%M') || ', probably killed'
    END
FROM (
    FROM ops.runs
    QUALIFY row_number() OVER (PARTITION BY flow ORDER BY started_at DESC, run_id) = 1
)
WHERE status = 'failed'
    OR (status = 'running' AND started_at < $now::TIMESTAMPTZ - to_hours($patience_hours::INTEGER))
ORDER BY flow
