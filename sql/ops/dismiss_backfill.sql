-- Gives the newest backfill of a date up. Grain: run x business date.
UPDATE ops.backfill
SET status = 'dismissed', finished_at = now()
WHERE as_of = $as_of
    AND run_id = (
        SELECT run_id FROM ops.backfill WHERE as_of = $as_of ORDER BY requested_at DESC, run_id LIMIT 1
    )
