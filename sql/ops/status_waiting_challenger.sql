-- The challenger that waits for a person, with why it was not promoted. Grain: one row at most.
SELECT model_version || ' of ' || version.as_of, coalesce(left(arg_max(decision.reason, decision.decided_at), 200), '')
FROM models.versions AS version
LEFT JOIN models.promotions AS decision USING (model_version)
WHERE version.alias = 'challenger' AND EXISTS (FROM models.versions WHERE alias = 'champion')
GROUP BY ALL
