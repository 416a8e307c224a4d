-- Spending by period in both windows. Grain: window x step. Units: currency.
-- Customers are null where they are fewer than may be shown.
SELECT
    window_name, step, period_start, period_end,
    CASE WHEN count(DISTINCT customer_key) >= $min_size THEN count(DISTINCT customer_key) END AS customers,
    count(DISTINCT class_id) AS classes, sum(amount) AS amount
FROM spend.by_period
WHERE as_of = $as_of
GROUP BY ALL
ORDER BY window_name, step
