-- One customer's way through the six steps of both windows. Grain: window x step. Units: radians.
SELECT
    window_name, step, steps.period_start, steps.period_end, scores.customer_key IS NOT NULL AS is_active,
    states.h1, states.h2, states.h3,
    states.output_o, states.output_c, states.output_e, states.output_a, states.output_n
FROM (FROM features.trajectories WHERE as_of = $as_of AND customer_key = $customer_key) AS states
JOIN (FROM spend.steps WHERE as_of = $as_of) AS steps USING (window_name, step)
LEFT JOIN (
    SELECT window_name, step, customer_key
    FROM features.personality
    WHERE as_of = $as_of AND customer_key = $customer_key
) AS scores USING (window_name, step)
ORDER BY window_name, step
