-- Grain: run.
INSERT INTO ops.runs (run_id, flow, as_of, status, started_at)
VALUES ($run_id, $flow, $as_of, 'running', $started_at)
