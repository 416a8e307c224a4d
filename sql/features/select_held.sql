-- Scores and states that a date, or a candidate, has among its steps: their rows are written. Grain: step.
SELECT scores_id, states_id FROM features.traced
UNION
SELECT scores_id, states_id FROM candidates.traced
