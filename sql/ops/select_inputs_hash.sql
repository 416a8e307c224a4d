-- What the tables of spending are a function of: the loads that count, and the reference set. Grain: one row.
SELECT md5(concat_ws(
    '|',
    (SELECT coalesce(string_agg(load_id, ',' ORDER BY load_id), '') FROM raw.loads_in_force),
    (SELECT coalesce(max(content_hash), '') FROM ref.sets)
))
