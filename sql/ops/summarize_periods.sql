-- Spending by period in both windows. Grain: window x step. Units: currency.
SELECT
    window_name, step, period_start, period_end,
    count(DISTINCT customer_key) AS customers, count(DISTINCT class_id) AS classes, sum(amount) AS amount
FROM spend.by_period
WHERE as_of = $as_of
GROUP BY ALL
ORDER BY window_name, step
