-- Periods that a date has among its steps: they are written. Grain: period.
SELECT period_id FROM spend.steps
UNION
SELECT period_id FROM candidates.steps
