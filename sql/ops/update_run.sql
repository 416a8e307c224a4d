-- Grain: run.
UPDATE ops.runs
SET status = $status, finished_at = now(), stages = $stages::JSON, message = $message
WHERE run_id = $run_id
