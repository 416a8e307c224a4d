-- Windows, steps and classes whose customers or amounts differ from the months they are made of. Grain: window x step
-- x class, each side once. Units: currency. Both sides are boiled down to a sum, a count and a hash that no order
-- changes, because joining them customer by customer would need several times the memory.
WITH booked AS (
    SELECT month, customer_key, class_id, amount FROM spend.monthly WHERE {whole_months} AND class_id IS NOT NULL
    UNION ALL
    SELECT date_trunc('month', booked_on)::DATE, customer_key, class_id, amount
    FROM raw.transactions
    WHERE {open_month} AND class_id IS NOT NULL AND kind IN ('spend', 'refund', 'fee')
),
derived AS (
    SELECT window_name, step, class_id, customer_key, sum(amount)::DECIMAL(18, 2) AS amount
    FROM booked
    JOIN (VALUES {calendar}) AS calendar (window_name, step, month) USING (month)
    GROUP BY window_name, step, class_id, customer_key
    HAVING sum(amount) > 0
),
expected AS (
    SELECT window_name, step, class_id, sum(amount), count(*), bit_xor(hash(customer_key, amount))
    FROM derived
    GROUP BY window_name, step, class_id
),
stored AS (
    SELECT window_name, step::INTEGER, class_id, sum(amount), count(*), bit_xor(hash(customer_key, amount))
    FROM batch
    GROUP BY window_name, step, class_id
)
(FROM expected EXCEPT FROM stored)
UNION ALL
(FROM stored EXCEPT FROM expected)
