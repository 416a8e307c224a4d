-- Grain: run. Of one that was killed nobody knows when: its end stays open.
UPDATE ops.runs
SET status = 'failed', message = 'killed: its process ended without reporting; its uncommitted work is lost'
WHERE status = 'running' AND list_contains($run_ids::VARCHAR[], run_id)
