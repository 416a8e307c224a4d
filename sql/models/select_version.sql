-- One model with all that scoring needs. Grain: one row or none.
SELECT weights, weights_sha256, arrays, parameters, window_name, as_of, customers, customers_hash, parent_version
FROM models.versions
WHERE model_version = $model_version
