-- The newest change of champion, if the run of $flow that made it did not come to its end, nor did one of its kind since.
-- Grain: one row or none.
WITH changes AS (
    SELECT * FROM models.promotions WHERE action IN ('first', 'promoted', 'rolled_back')
)
SELECT changes.model_version, changes.previous_version, changes.as_of, changes.reason
FROM changes
JOIN ops.runs AS run USING (run_id)
WHERE run.flow = $flow AND run.status != 'succeeded'
    AND changes.decided_at = (SELECT max(decided_at) FROM changes)
    AND NOT EXISTS (
        SELECT 1 FROM ops.runs AS later
        WHERE later.flow = $flow AND later.status = 'succeeded' AND later.started_at > run.started_at
    )
