-- Loads that are held back because too many of their rows were rejected. Grain: load.
SELECT regexp_extract(source, '[^/]*$'), reason FROM raw.loads WHERE status = 'held' ORDER BY started_at, source
