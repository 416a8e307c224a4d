-- Months whose sums no longer agree with the raw rows. Grain: month.
SELECT strftime(month, '%Y-%m'), count(*) || ' loads not summed yet' FROM raw.stale_months GROUP BY month ORDER BY month
