-- Loads that did not get past the reject gate. Grain: load.
SELECT regexp_extract(source, '[^/]*$'), rows_rejected || ' of ' || rows_read || ' rows rejected'
FROM raw.loads
WHERE status = 'pending'
ORDER BY started_at, source
