-- Newest state of every customer known by the date, in the primary window. Grain: customer.
SELECT
    known.customer_key,
    coalesce(inputs.active_steps, 0) AS active_steps,
    coalesce(angles.determined, false) AS determined,
    coalesce(newest.h1, 0) AS h1,
    coalesce(newest.h2, 0) AS h2,
    coalesce(newest.h3, 0) AS h3
FROM raw.customers AS known
LEFT JOIN (
    FROM candidates.inputs WHERE as_of = $as_of AND window_name = $window_name AND model_version = $model_version
) AS inputs USING (customer_key)
LEFT JOIN (FROM candidates.angles WHERE as_of = $as_of AND window_name = $window_name) AS angles USING (customer_key)
LEFT JOIN (
    FROM candidates.trajectories WHERE as_of = $as_of AND window_name = $window_name AND step = 6
) AS newest USING (customer_key)
WHERE known.first_seen <= $as_of AND NOT known.suppressed
ORDER BY known.customer_key
