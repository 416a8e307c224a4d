-- Months that aggregate has to sum again, with their half-open ends. Grain: month.
SELECT DISTINCT month, (month + INTERVAL 1 MONTH)::DATE AS next_month FROM raw.stale_months ORDER BY month
