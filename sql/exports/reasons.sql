-- Classes that put each customer into the segment, in the primary window. Grain: customer x rank.
-- A class is called what it was called in the reference version of the model that gave the reason.
SELECT reasons.as_of AS business_date, reasons.* EXCLUDE (as_of), coalesce(named.label, active.label) AS class_label
FROM features.reasons AS reasons
LEFT JOIN models.versions AS model USING (model_version)
LEFT JOIN ref.class_versions AS named
    ON named.reference_version = model.reference_hash AND named.class_id = reasons.class_id
LEFT JOIN ref.classes AS active ON active.class_id = reasons.class_id
WHERE reasons.as_of = $as_of AND reasons.window_name = $window_name
ORDER BY customer_key, rank
