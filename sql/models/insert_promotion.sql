-- Grain: decision.
INSERT INTO models.promotions (model_version, previous_version, action, as_of, reason, run_id, decided_at)
VALUES ($model_version, $previous_version, $action, $as_of, $reason, $run_id, now())
