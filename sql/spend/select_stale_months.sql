-- Months to sum again, with their half-open ends. Grain: month.
SELECT month, (month + INTERVAL 1 MONTH)::DATE AS next_month FROM stale ORDER BY month
