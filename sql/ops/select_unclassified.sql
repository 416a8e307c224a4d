-- Part of the last thirteen months' spending that no class counts. Grain: one row.
SELECT coalesce((sum(amount) FILTER (class_id IS NULL) / nullif(sum(amount), 0))::DOUBLE, 0)
FROM monthly
WHERE month > ($as_of - INTERVAL 13 MONTH)::DATE AND month <= $as_of
