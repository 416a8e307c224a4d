-- The ledger for a person, newest first. Grain: version of a source.
SELECT
    load_id,
    regexp_extract(source, '[^/]*$') AS name,
    status,
    rows_read,
    rows_accepted,
    rows_rejected,
    rows_duplicate,
    len(months_touched) AS months,
    strftime(list_min(months_touched), '%Y-%m') AS first_month,
    strftime(list_max(months_touched), '%Y-%m') AS last_month,
    strftime(coalesce(withdrawn_at, finished_at), '%Y-%m-%d %H:%M') AS decided_at,
    CASE WHEN status IN ('held', 'withdrawn') THEN reason END AS reason
FROM raw.loads
WHERE $everything OR status NOT IN ('replaced', 'withdrawn')
ORDER BY finished_at DESC, source, load_id
