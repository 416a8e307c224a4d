-- The day on which a version was taken back, unless a model under it was promoted since. Grain: one row or none.
-- A roll-back between two models of one version takes no version back.
WITH decisions AS (
    SELECT
        decision.action,
        decision.decided_at,
        CASE WHEN decision.action = 'rolled_back' THEN previous.reference_hash ELSE model.reference_hash END AS version
    FROM models.promotions AS decision
    JOIN models.versions AS model USING (model_version)
    LEFT JOIN models.versions AS previous ON previous.model_version = decision.previous_version
    WHERE decision.action = 'promoted'
        OR (decision.action = 'rolled_back' AND previous.reference_hash != model.reference_hash)
)
SELECT max(decided_at)::DATE::VARCHAR
FROM decisions
WHERE version = $version
HAVING arg_max(action, decided_at) = 'rolled_back'
