-- The newest retraining, when it left the champion in place. Grain: one row at most.
SELECT as_of::VARCHAR, left(reason, 200)
FROM (FROM models.promotions ORDER BY decided_at DESC LIMIT 1)
WHERE action = 'refused'
