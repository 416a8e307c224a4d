-- One period. Grain: customer x class. A share is amount by total, which packs better than the quotient.
-- A class below zero (more refunds than purchases) counts as zero; how many do is counted in count_step_sums.
INSERT INTO spend.periods (period_id, customer_key, class_id, amount, total)
SELECT $period_id, customer_key, class_id, amount, total::DECIMAL(18, 2)
FROM step_sums
JOIN (
    SELECT customer_key, sum(amount) AS total FROM step_sums WHERE amount > 0 GROUP BY customer_key
) AS totals USING (customer_key)
WHERE amount > 0
ORDER BY customer_key, class_id
