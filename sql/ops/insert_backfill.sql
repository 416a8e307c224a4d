-- A date of a backfill as it is asked for. Grain: run x business date. PII: none.
INSERT INTO ops.backfill (run_id, as_of, stages, status, message, requested_at) VALUES ($1, $2, $3, $4, $5, now())
