-- The newest decision about a model. Grain: one row or none. PII: none.
SELECT previous_version, action, as_of, reason
FROM models.promotions
WHERE model_version = $model_version
ORDER BY decided_at DESC
LIMIT 1
