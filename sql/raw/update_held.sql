-- Ends the holding of loads. Grain: version of a source.
UPDATE raw.loads
SET status = $status,
    reason = CASE WHEN $status = 'withdrawn' THEN 'its source is gone' ELSE reason END,
    withdrawn_at = CASE WHEN $status = 'withdrawn' THEN now() END
WHERE status = 'held' AND list_contains($load_ids::VARCHAR[], load_id)
