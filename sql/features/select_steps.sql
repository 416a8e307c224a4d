-- The period that each step of a date is. Grain: step.
SELECT step, period_id FROM steps WHERE as_of = $as_of AND window_name = $window_name ORDER BY step
