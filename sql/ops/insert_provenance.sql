-- Grain: as_of x stage.
INSERT INTO ops.provenance (as_of, stage, made_from, run_id, finished_at)
VALUES ($as_of, $stage, $made_from, $run_id, now())
