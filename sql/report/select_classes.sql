-- Spending by class in the twelve months to a date: the window of six times two months. Not to be shown as it is.
-- Grain: class. Units: currency.
SELECT class_id, count(DISTINCT customer_key), sum(amount)::DOUBLE
FROM spend.by_period
WHERE as_of = $as_of AND window_name = 'bimonthly'
GROUP BY class_id
ORDER BY class_id
