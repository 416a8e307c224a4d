-- Sums of one step that are written, and those that count as zero since refunds outweigh purchases. Grain: one row.
-- Units: currency, below zero.
SELECT
    count(*) FILTER (amount > 0) AS rows,
    count(*) FILTER (amount < 0) AS below_zero,
    count(DISTINCT customer_key) FILTER (amount < 0) AS customers,
    coalesce(sum(amount) FILTER (amount < 0), 0) AS refunded
FROM step_sums
