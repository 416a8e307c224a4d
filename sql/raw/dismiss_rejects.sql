-- Gives waiting rejects up for good. Grain: rejected source row. An empty $reason or $load_id means any.
UPDATE raw.rejected
SET dismissed_at = now()
WHERE replayed_load_id IS NULL AND dismissed_at IS NULL
    AND load_id NOT IN (SELECT load_id FROM raw.loads WHERE status = 'held')
    AND ($reason = '' OR reason = $reason)
    AND ($load_id = '' OR load_id = $load_id)
