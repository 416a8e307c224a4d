-- Measures of a run that are not steady. Grain: measure.
SELECT measure, round(value, 2)::VARCHAR, level
FROM ops.drift
WHERE run_id = $run_id AND as_of = $as_of AND level != 'steady'
ORDER BY level, value DESC, measure
