-- Every version of some sources, whether somebody wants it left out, and the half-open span of its months. Grain: version of a source.
SELECT
    source,
    load_id,
    status,
    withdrawn_by IS NOT NULL AS left_out,
    coalesce(list_min(months_touched), DATE '1970-01-01') AS first_day,
    (coalesce(list_max(months_touched), DATE '1970-01-01') + INTERVAL 1 MONTH)::DATE AS after_day
FROM raw.loads
WHERE list_contains($sources::VARCHAR[], source)
