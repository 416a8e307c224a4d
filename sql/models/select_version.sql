-- The model of an alias. Grain: one row or none.
SELECT
    model_version, reference_hash, weights, weights_sha256, arrays, parameters, window_name, as_of, customers,
    customers_hash, parent_version
FROM models.versions
WHERE alias = $alias
