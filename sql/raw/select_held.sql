-- Held loads whose feed this run reads; those without a feed were held before feeds were kept. Grain: load.
SELECT load_id, source
FROM raw.loads
WHERE status = 'held' AND (feed IS NULL OR list_contains($feeds::VARCHAR[], feed))
