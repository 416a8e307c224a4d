-- The day on which a version was taken back, unless a model under it was promoted since. Grain: one row or none.
SELECT max(decided_at)::DATE::VARCHAR
FROM models.promotions AS decision
JOIN models.versions AS model
    ON model.model_version = CASE
        WHEN decision.action = 'rolled_back' THEN decision.previous_version ELSE decision.model_version
    END
WHERE model.reference_hash = $version AND decision.action IN ('rolled_back', 'promoted')
HAVING arg_max(decision.action, decided_at) = 'rolled_back'
