-- Mean states of each published segment after each step, in the primary window. Grain: segment x step.
-- Added as decimals: a sum of doubles hangs on the order of the rows, in its last digits.
SELECT
    people.segment, states.step, count(*),
    (sum(states.h1::DECIMAL(18, 15)) / count(*))::DOUBLE,
    (sum(states.h2::DECIMAL(18, 15)) / count(*))::DOUBLE,
    (sum(states.h3::DECIMAL(18, 15)) / count(*))::DOUBLE
FROM (
    SELECT customer_key, step, h1, h2, h3
    FROM features.trajectories
    WHERE as_of = $as_of AND window_name = $window_name
) AS states
JOIN (SELECT customer_key, segment FROM segments.by_date WHERE as_of = $as_of AND depth > 0) AS people
    USING (customer_key)
GROUP BY people.segment, states.step
ORDER BY people.segment, states.step
