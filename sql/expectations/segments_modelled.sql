-- Segments without margin or model, or of a second model. Grain: customer.
SELECT segment
FROM batch
WHERE segment NOT IN ({unknown})
    AND (
        margin IS NULL
        OR model_version IS DISTINCT FROM (SELECT min(model_version) FROM batch WHERE segment NOT IN ({unknown}))
    )
