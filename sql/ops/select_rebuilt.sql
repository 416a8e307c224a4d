-- What became of the dates whose rebuilding was asked for since $since. Grain: business date. Units: seconds. PII: none.
SELECT
    as_of, status, rows, epoch(finished_at - started_at) AS seconds,
    left(split_part(coalesce(message, ''), chr(10), 1), 200) AS reason
FROM ops.backfill
WHERE requested_at >= $since::TIMESTAMPTZ
QUALIFY row_number() OVER (PARTITION BY as_of ORDER BY requested_at DESC, run_id) = 1
ORDER BY as_of
