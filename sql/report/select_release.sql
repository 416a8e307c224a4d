-- What was released of a date, with the model that made it. Grain: one row or none.
SELECT
    released.released_at, released.model_version, coalesce(released.reference_version, model.reference_hash),
    model.reference, model.window_name, model.as_of, model.created_at, model.customers, model.parameters
FROM segments.releases AS released
JOIN models.versions AS model USING (model_version)
WHERE released.as_of = $as_of
