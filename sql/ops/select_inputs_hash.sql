-- What the tables of spending are a function of: the loads that count, and the reference set. Grain: one row.
SELECT md5(concat_ws(
    '|',
    (SELECT coalesce(string_agg(load_id, ',' ORDER BY load_id), '') FROM raw.loads WHERE status != 'replaced'),
    (SELECT coalesce(max(reference_version), '') FROM ref.sets)
))
