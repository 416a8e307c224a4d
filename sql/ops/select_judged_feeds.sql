-- The feeds that the newest night was told to load. Grain: feed.
SELECT feed
FROM ops.freshness
WHERE run_id = (
    SELECT run_id
    FROM ops.runs
    WHERE flow = 'nightly' AND run_id IN (SELECT run_id FROM ops.freshness)
    ORDER BY started_at DESC, run_id
    LIMIT 1
)
ORDER BY feed
