-- Periods that are empty, or leave a gap to or overlap with the next one of their window. Grain: window x step x period.
SELECT step
FROM (
    SELECT
        step,
        period_start,
        period_end,
        lead(step) OVER following AS next_step,
        lead(period_start) OVER following AS next_start
    FROM (SELECT DISTINCT window_name, step, period_start, period_end FROM batch)
    WINDOW following AS (PARTITION BY window_name ORDER BY step, period_start, period_end)
)
WHERE period_start >= period_end OR next_step = step OR (next_step = step + 1 AND next_start != period_end)
