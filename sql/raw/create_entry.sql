-- The ledger's entries for a batch; the counts add up to rows_read.
-- Of a held load the counts are what they would be, and no month is touched.
-- Grain: version of a source.
CREATE OR REPLACE TEMP TABLE entry AS
SELECT
    batch.load_id,
    batch.source,
    batch.fingerprint,
    batch.rows_read,
    batch.rows_read - batch.rows_faulty - coalesce(claimed.conflicts + claimed.duplicates, 0) AS rows_accepted,
    batch.rows_faulty + coalesce(claimed.conflicts, 0) AS rows_rejected,
    coalesce(claimed.duplicates, 0) AS rows_duplicate,
    coalesce(unknown.rows, 0) - coalesce(claimed.losers_unclassified, 0) AS rows_unclassified,
    coalesce(months.touched, []) AS months_touched,
    $status AS status,
    $run_id AS run_id,
    batch.started_at,
    reasons.reason,
    -- Never before what was checked already: on a clock that was put back these rows would pass the gates unseen.
    greatest(now(), (SELECT max(checked_at) FROM ops.validations)) AS finished_at
FROM batch
LEFT JOIN (
    SELECT source_number, sum(rows)::BIGINT AS rows
    FROM batch_codes
    ANTI JOIN codes USING (source_code)
    GROUP BY source_number
) AS unknown ON unknown.source_number = batch.source_number
LEFT JOIN (
    SELECT
        source_number,
        count(*) FILTER (position > 1 AND conflict) AS conflicts,
        count(*) FILTER (position > 1 AND NOT conflict) AS duplicates,
        count(*) FILTER (position > 1 AND kind = 'unclassified') AS losers_unclassified
    FROM claims
    GROUP BY source_number
) AS claimed ON claimed.source_number = batch.source_number
LEFT JOIN (
    SELECT load_id, list(DISTINCT month ORDER BY month) AS touched FROM touched GROUP BY load_id
) AS months ON months.load_id = batch.load_id
LEFT JOIN (
    SELECT unnest($source_number::INTEGER[]) AS source_number, unnest($reason::VARCHAR[]) AS reason
) AS reasons ON reasons.source_number = batch.source_number
