-- The date whose features can be carried over: this one, else the newest before it, made by the same model and code.
-- Grain: one row.
SELECT max(as_of)
FROM features.inputs
WHERE as_of <= $as_of AND window_name = $window_name AND model_version = $model_version
    AND as_of IN (SELECT as_of FROM ops.provenance WHERE stage = 'release' AND (made_from->>'$.code') = $code)
