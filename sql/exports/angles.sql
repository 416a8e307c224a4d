-- Angle features in the primary window. Grain: customer.
SELECT features.as_of AS business_date, features.* EXCLUDE (as_of)
FROM features.angles AS features
WHERE as_of = $as_of AND window_name = $window_name
ORDER BY customer_key
