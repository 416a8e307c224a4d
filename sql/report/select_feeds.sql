-- The feeds of a date as the newest run for it found them, the worst first. Grain: feed.
SELECT feed, coalesce(newest_booking::VARCHAR, 'none'), silent_days::VARCHAR, level
FROM ops.freshness
WHERE as_of = $as_of
QUALIFY run_id = first_value(run_id) OVER (ORDER BY checked_at DESC, run_id)
ORDER BY level = 'fresh', ops.freshness.silent_days DESC, feed
