-- One line of the ledger with the half-open span of its months. Grain: version of a source, one or none.
SELECT
    load_id, source, status, rows_accepted,
    coalesce(list_min(months_touched), DATE '1970-01-01') AS first_day,
    (coalesce(list_max(months_touched), DATE '1970-01-01') + INTERVAL 1 MONTH)::DATE AS after_day
FROM raw.loads
WHERE load_id = $load_id
