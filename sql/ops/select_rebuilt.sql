-- What became of the dates whose rebuilding was asked for since $since, newest date first, with the model that they were
-- released with and the snapshot from which a reader sees that release. Grain: business date. Units: seconds. PII: none.
SELECT
    asked.as_of, asked.status, asked.rows, epoch(asked.finished_at - asked.started_at) AS seconds,
    CASE WHEN asked.status = 'succeeded' THEN released.model_version END AS model_version,
    CASE WHEN asked.status = 'succeeded' THEN released.snapshot END AS snapshot,
    left(split_part(coalesce(asked.message, ''), chr(10), 1), 200) AS reason
FROM (
    FROM ops.backfill
    WHERE requested_at >= $since::TIMESTAMPTZ
    QUALIFY row_number() OVER (PARTITION BY as_of ORDER BY requested_at DESC, run_id) = 1
) AS asked
LEFT JOIN (SELECT as_of, model_version, snapshot_id AS snapshot FROM segments.releases) AS released
    ON released.as_of = asked.as_of
ORDER BY asked.as_of DESC
