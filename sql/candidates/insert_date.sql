-- Grain: as_of.
INSERT INTO candidates.dates (as_of, model_version, state, made_from, run_id, changed_at)
VALUES ($as_of, $model_version, 'built', $made_from, $run_id, now())
