-- One period. Grain: customer x class. Share: part of the customer's classified spending in this period.
-- A class below zero (more refunds than purchases) counts as zero; how many do is counted in count_step_sums.
INSERT INTO spend.periods (period_id, customer_key, class_id, amount, share)
SELECT $period_id, customer_key, class_id, amount, amount::DOUBLE / total::DOUBLE AS share
FROM step_sums
JOIN (
    SELECT customer_key, sum(amount) AS total FROM step_sums WHERE amount > 0 GROUP BY customer_key
) AS totals USING (customer_key)
WHERE amount > 0
ORDER BY customer_key, class_id
