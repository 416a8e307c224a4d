-- What each published segment spends on each class: the sum of its customers' mean shares, as segments.summary has it,
-- and how many of them spend on it at all. Grain: segment x class.
SELECT
    members.segment, spent.class_id, count(*) AS spenders,
    sum((spent.share / members.active_steps)::DECIMAL(18, 15))::DOUBLE AS share
FROM (
    SELECT customer_key, class_id, sum(share::DECIMAL(18, 15)) AS share
    FROM spend.by_period
    WHERE as_of = $as_of AND window_name = $window_name
    GROUP BY customer_key, class_id
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
GROUP BY members.segment, spent.class_id
ORDER BY members.segment, spent.class_id
