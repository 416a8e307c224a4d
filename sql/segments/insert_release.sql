-- What readers see of a date from now on. Grain: as_of.
INSERT INTO segments.releases (as_of, model_version, reference_version, run_id, released_at)
SELECT $as_of, model_version, reference_hash, $run_id, now()
FROM models.versions
WHERE model_version = $model_version
