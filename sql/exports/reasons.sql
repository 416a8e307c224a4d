-- Classes that put each customer into the segment, in the primary window. Grain: customer x rank.
SELECT reasons.* EXCLUDE (as_of), class.label AS class_label
FROM features.reasons AS reasons
JOIN ref.classes AS class USING (class_id)
WHERE as_of = $as_of AND window_name = $window_name
ORDER BY customer_key, rank
