-- Spending by class over the primary window. Grain: class. Units: currency; part of all classified spending.
-- Customers are null where they are fewer than may be shown: the amount is then that of a few people.
SELECT
    class.label,
    CASE WHEN spend.customers >= $min_size THEN spend.customers END,
    spend.amount,
    spend.amount / sum(spend.amount) OVER () AS part,
    spend.rated
FROM (
    SELECT
        class_id,
        count(DISTINCT customer_key) AS customers,
        sum(amount) AS amount,
        class_id IN (SELECT class_id FROM ref.coefficients WHERE coefficient != 0) AS rated
    FROM spend.by_period
    WHERE as_of = $as_of AND window_name = (SELECT primary_window FROM ref.sets)
    GROUP BY class_id
) AS spend
JOIN ref.classes AS class USING (class_id)
ORDER BY spend.amount DESC, class.label
