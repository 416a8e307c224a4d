-- Grain: model.
INSERT INTO models.versions (
    model_version, reference, reference_hash, window_name, as_of, weights, weights_sha256, arrays, parameters,
    customers, customers_hash, parent_version, run_id, created_at
) VALUES (
    $model_version, $reference, $reference_hash, $window_name, $as_of, $weights, $weights_sha256, $arrays, $parameters,
    $customers, $customers_hash, $parent_version, $run_id, $created_at
)
