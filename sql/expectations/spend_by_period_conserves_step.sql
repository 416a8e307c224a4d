-- Classes whose customers or amounts in one step differ from the months they are made of. Grain: class, each side once.
-- Units: currency. Both sides are boiled down to a sum, a count and a hash that no order changes: joining them customer
-- by customer would need several times the memory.
WITH booked AS (
    SELECT customer_key, class_id, amount
    FROM spend.monthly
    WHERE {whole_months} AND class_id IS NOT NULL
    UNION ALL
    SELECT customer_key, class_id, amount
    FROM raw.transactions
    WHERE {open_month} AND class_id IS NOT NULL AND kind IN ('spend', 'refund', 'fee')
),
derived AS (
    SELECT customer_key, class_id, sum(amount)::DECIMAL(18, 2) AS amount
    FROM booked
    GROUP BY customer_key, class_id
    HAVING sum(amount) > 0
),
expected AS (
    SELECT class_id, sum(amount), count(*), bit_xor(hash(customer_key, amount)) FROM derived GROUP BY class_id
),
stored AS (
    SELECT class_id, sum(amount), count(*), bit_xor(hash(customer_key, amount))
    FROM batch
    WHERE window_name = {window} AND step = {step}
    GROUP BY class_id
)
(FROM expected EXCEPT FROM stored)
UNION ALL
(FROM stored EXCEPT FROM expected)
