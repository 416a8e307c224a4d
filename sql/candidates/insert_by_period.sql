-- Both windows of $as_of under another version of the reference set. Grain: as_of x window x customer x step x class.
-- A class below zero (more refunds than purchases) counts as zero. Share: part of the customer's classified spending.
INSERT INTO candidates.by_period
    (as_of, window_name, customer_key, step, period_start, period_end, class_id, amount, share, reference_version)
WITH monthly AS MATERIALIZED (
    SELECT customer_key, month, class_id, sum(amount) AS amount
    FROM remapped
    WHERE booked_on <= $as_of AND class_id IS NOT NULL
        AND booked_on >= (SELECT min(period_start) FROM periods)
    GROUP BY customer_key, month, class_id
),
sums AS (
    SELECT
        periods.window_name, monthly.customer_key, periods.step, periods.period_start, periods.period_end,
        monthly.class_id, sum(monthly.amount)::DECIMAL(18, 2) AS amount
    FROM monthly
    JOIN periods ON monthly.month >= periods.period_start AND monthly.month < periods.period_end
    GROUP BY ALL
    HAVING sum(monthly.amount) > 0
)
SELECT
    $as_of, window_name, customer_key, step, period_start, period_end, class_id, amount,
    amount::DOUBLE / (sum(amount) OVER (PARTITION BY window_name, step, customer_key))::DOUBLE,
    $reference_version
FROM sums
ORDER BY window_name, step, customer_key, class_id
