-- Rows whose period is not the one that as_of gives their step. Grain: row of the batch.
SELECT step
FROM batch
ANTI JOIN (VALUES {bounds}) AS expected (window_name, step, period_start, period_end)
    USING (window_name, step, period_start, period_end)
