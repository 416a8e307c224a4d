-- The date whose features can be carried over: this one, else the newest before it, under the same model. Grain: one row.
SELECT max(as_of)
FROM features.inputs
WHERE as_of <= $as_of AND window_name = $window_name AND model_version = $model_version
