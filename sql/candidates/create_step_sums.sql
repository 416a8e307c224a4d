-- One step of one window under another version of the reference set. Grain: customer x class.
-- Units: currency, spending less refunds, so it may be below zero.
CREATE OR REPLACE TEMP TABLE step_sums AS
SELECT customer_key, class_id, sum(amount)::DECIMAL(18, 2) AS amount
FROM remapped_monthly
WHERE month >= $period_start AND month < $period_end
GROUP BY customer_key, class_id
