-- The model of an alias beside the reference set that the warehouse holds. Grain: one row or none.
SELECT
    version.model_version, version.reference_hash, held.content_hash, weights, weights_sha256, arrays, parameters,
    window_name, as_of, customers, customers_hash, parent_version
FROM models.versions AS version
CROSS JOIN ref.sets AS held
WHERE version.alias = $alias
