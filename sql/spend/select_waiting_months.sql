-- Months in the windows of $as_of whose sums no longer agree with the raw rows. Grain: month.
SELECT DISTINCT month
FROM raw.stale_months
WHERE month >= (date_trunc('month', $as_of) - INTERVAL 71 MONTH)::DATE AND month <= $as_of
ORDER BY month
