-- Grain: run x measure.
INSERT INTO ops.drift (run_id, as_of, model_version, measure, value, level, checked_at)
VALUES ($run_id, $as_of, $model_version, $measure, $value, $level, now())
