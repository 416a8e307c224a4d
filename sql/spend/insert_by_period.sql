-- Grain: as_of x window x customer x step x class. Share: part of the customer's classified spending in this step.
INSERT INTO spend.by_period
    (as_of, window_name, customer_key, step, period_start, period_end, class_id, amount, share)
SELECT
    $as_of, $window_name, customer_key, $step, $period_start, $period_end, class_id, amount,
    amount::DOUBLE / total::DOUBLE AS share
FROM step_sums
JOIN (SELECT customer_key, sum(amount) AS total FROM step_sums GROUP BY customer_key) AS totals USING (customer_key)
ORDER BY customer_key, class_id
