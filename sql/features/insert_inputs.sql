-- Grain: as_of x window x customer.
INSERT INTO candidates.inputs (as_of, window_name, customer_key, active_steps, first_step, input_hash, model_version)
SELECT $as_of, $window_name, customer_key, active_steps, first_step, input_hash, $model_version
FROM inputs
ORDER BY customer_key
