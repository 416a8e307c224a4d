-- A run that was killed before it could enter itself. Nobody knows when it ended. Grain: run.
INSERT INTO ops.runs (run_id, flow, as_of, status, started_at, message)
VALUES (
    $run_id, $flow, $started_at::TIMESTAMPTZ::DATE, 'failed', $started_at::TIMESTAMPTZ,
    'killed before its first stage; nothing was changed'
)
