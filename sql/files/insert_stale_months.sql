-- Months whose sums leave with a file: they no longer agree with the raw rows. Grain: month.
INSERT INTO raw.stale_months (month, load_id)
SELECT unnest(range($first_day::DATE, $last_day::DATE + INTERVAL 1 DAY, INTERVAL 1 MONTH))::DATE, 'repair'
