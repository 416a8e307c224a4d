-- One customer's reasons with the spending behind them. Grain: rank. Units: currency over the window.
SELECT reason.class_id, class.label, reason.contribution, coalesce(spent.amount, 0)
FROM features.reasons AS reason
JOIN ref.classes AS class USING (class_id)
LEFT JOIN (
    SELECT class_id, sum(amount) AS amount
    FROM spend.by_period
    WHERE as_of = $as_of AND window_name = $window_name AND customer_key = $customer_key
    GROUP BY class_id
) AS spent USING (class_id)
WHERE reason.as_of = $as_of AND reason.window_name = $window_name AND reason.customer_key = $customer_key
ORDER BY reason.rank
