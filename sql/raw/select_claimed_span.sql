-- The half-open span of the months of the other loads that claim a contested id. Grain: one row.
SELECT
    coalesce(min(list_min(months_touched)), DATE '1970-01-01') AS first_day,
    (coalesce(max(list_max(months_touched)), DATE '1970-01-01') + INTERVAL 1 MONTH)::DATE AS after_day
FROM raw.loads
WHERE load_id IN (SELECT load_id FROM claims)
