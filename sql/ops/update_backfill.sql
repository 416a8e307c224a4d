-- Grain: run x business date. The checksum does not depend on the order of rows, nor on when they were written.
UPDATE ops.backfill
SET status = $status,
    message = $message,
    started_at = coalesce(started_at, $at),
    finished_at = CASE WHEN $status IN ('succeeded', 'skipped', 'failed') THEN $at::TIMESTAMPTZ END,
    rows = CASE WHEN $status = 'succeeded' THEN (SELECT count(*) FROM segments.by_date WHERE as_of = $as_of) END,
    checksum = CASE WHEN $status = 'succeeded' THEN (
        SELECT bit_xor(hash(customer_key, segment, round(margin, 9), model_version))::VARCHAR
        FROM segments.by_date
        WHERE as_of = $as_of
    ) END
WHERE run_id = $run_id AND as_of = $as_of
