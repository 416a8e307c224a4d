-- Steps that a date lacks, or that the calendar does not give it. Grain: window x step, each side once.
WITH expected AS (FROM (VALUES {bounds}) AS given (window_name, step, period_start, period_end)),
stored AS (
    SELECT window_name, step::INTEGER AS step, period_start, period_end FROM spend.steps WHERE as_of = {as_of}::DATE
)
(FROM expected EXCEPT ALL FROM stored)
UNION ALL
(FROM stored EXCEPT ALL FROM expected)
