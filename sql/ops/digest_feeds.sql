-- The feeds as a run found them, the worst first. Grain: feed.
SELECT
    feed, coalesce(newest_booking::VARCHAR, 'none'), silent_days::VARCHAR, level,
    CASE WHEN unusual_days > 0 THEN remark ELSE '' END
FROM ops.freshness
WHERE run_id = $run_id AND as_of = $as_of
ORDER BY level = 'fresh', silent_days DESC, feed
