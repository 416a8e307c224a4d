-- One month's spending less refunds. Grain: customer x class. Units: currency. A month at a time keeps memory flat.
CREATE OR REPLACE TEMP TABLE month_sums AS
SELECT customer_key, class_id, sum(amount)::DECIMAL(18, 2) AS amount, count(*)::INTEGER AS transactions
FROM raw.transactions
WHERE booked_on >= $month AND booked_on < $next_month AND kind IN ('spend', 'refund', 'fee', 'unclassified')
GROUP BY customer_key, class_id
