-- One step of one window. Grain: customer x class. Units: currency, spending less refunds, so it may be below zero.
-- Whole months come from spend.monthly; the month of as_of is summed from raw rows up to as_of.
CREATE OR REPLACE TEMP TABLE step_sums AS
SELECT customer_key, class_id, sum(amount)::DECIMAL(18, 2) AS amount
FROM (
    SELECT customer_key, class_id, amount
    FROM spend.monthly
    WHERE month >= $period_start AND month < least($period_end, $open_month) AND class_id IS NOT NULL
    UNION ALL
    SELECT customer_key, class_id, amount
    FROM raw.transactions
    WHERE booked_on >= greatest($period_start, $open_month) AND booked_on < $period_end
        AND class_id IS NOT NULL AND kind IN ('spend', 'refund', 'fee')
)
GROUP BY customer_key, class_id
