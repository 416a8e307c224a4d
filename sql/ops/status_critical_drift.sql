-- Measures of the newest run that moved critically away from the champion's training data. Grain: measure.
SELECT measure, 'moved by ' || round(value, 2) || ' on ' || as_of
FROM ops.drift
WHERE level = 'critical' AND run_id = (SELECT run_id FROM ops.drift ORDER BY checked_at DESC, run_id LIMIT 1)
ORDER BY value DESC, measure
