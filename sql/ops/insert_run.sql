-- Grain: run.
INSERT INTO ops.runs VALUES ($run_id, $flow, $as_of, 'running', $started_at, NULL, NULL, NULL)
