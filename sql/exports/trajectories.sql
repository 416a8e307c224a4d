-- Hidden states and outputs in the primary window. Grain: customer x step. PII: none, customers are keys.
SELECT features.as_of AS business_date, features.* EXCLUDE (as_of)
FROM features.trajectories AS features
WHERE as_of = $as_of AND window_name = $window_name
ORDER BY customer_key, step
