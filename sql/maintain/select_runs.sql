-- When runs were at work; of one that was killed nobody knows the end. Grain: run.
SELECT started_at, finished_at FROM ops.runs
