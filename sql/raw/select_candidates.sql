-- Loads whose ids begin like a mistyped one, newest first; all of them where none does. Grain: version of a source.
SELECT load_id, regexp_extract(source, '[^/]*$') AS name, status
FROM raw.loads
WHERE starts_with(load_id, $beginning)
    OR NOT EXISTS (FROM raw.loads WHERE starts_with(load_id, $beginning))
ORDER BY finished_at DESC, load_id
LIMIT 5
