-- Drift of some dates, as the newest run of each measured it. Grain: as_of x measure.
SELECT as_of, measure, value, level
FROM ops.drift
WHERE as_of IN ({listed})
QUALIFY run_id = first_value(run_id) OVER (PARTITION BY as_of ORDER BY checked_at DESC, run_id)
ORDER BY as_of, measure
