-- Why a model became champion, newest reason first. Grain: one row or none.
SELECT reason
FROM models.promotions
WHERE model_version = $model_version AND action IN ('first', 'promoted', 'rolled_back')
ORDER BY decided_at DESC
LIMIT 1
