-- Spending up to $as_of as another version of the reference set classes it. Grain: customer x month x class.
-- Units: currency. The types are those of spend.monthly, so that equal sums have equal versions.
CREATE OR REPLACE TEMP TABLE remapped_monthly AS
SELECT customer_key, month, class_id, sum(amount)::DECIMAL(18, 2) AS amount
FROM remapped
WHERE booked_on <= $as_of AND class_id IS NOT NULL
    AND booked_on >= (SELECT min(period_start) FROM periods)
GROUP BY customer_key, month, class_id
