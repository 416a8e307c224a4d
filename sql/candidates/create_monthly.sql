-- Spending from $first_day to before $after_day as another version of the reference set classes it.
-- Grain: customer x month x class. Units: currency. The types are those of spend.monthly, so that equal sums have equal
-- versions.
CREATE OR REPLACE TEMP TABLE remapped_monthly AS
SELECT customer_key, month, class_id, sum(amount)::DECIMAL(18, 2) AS amount
FROM remapped
WHERE booked_on >= $first_day AND booked_on < $after_day AND class_id IS NOT NULL
GROUP BY customer_key, month, class_id
