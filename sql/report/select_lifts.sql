-- What each published segment spends on each class: the sum of its customers' mean shares, as segments.summary has it, and
-- how many of them spend on it in the step in which most do; not to be shown as it is. Grain: segment x class.
-- Added as billionths: a sum of doubles hangs on the order of the rows, and one of decimals takes three times as long.
-- Counting customers of all steps together would take twice as long; no fewer spend on it than in one of them.
SELECT segment, class_id, max(spenders), (sum(billionths) / 1e9)::DOUBLE
FROM (
    SELECT
        members.segment, spent.class_id, spent.step, count(*) AS spenders,
        sum((1e9 * spent.share / members.active_steps)::INTEGER) AS billionths
    FROM (
        SELECT customer_key, class_id, step, share
        FROM spend.by_period
        WHERE as_of = $as_of AND window_name = $window_name
    ) AS spent
    JOIN (
        SELECT customer_key, people.segment, inputs.active_steps
        FROM (SELECT customer_key, segment FROM segments.by_date WHERE as_of = $as_of) AS people
        JOIN (
            SELECT customer_key, active_steps
            FROM features.inputs
            WHERE as_of = $as_of AND window_name = $window_name
        ) AS inputs USING (customer_key)
    ) AS members USING (customer_key)
    GROUP BY members.segment, spent.class_id, spent.step
)
GROUP BY segment, class_id
ORDER BY segment, class_id
