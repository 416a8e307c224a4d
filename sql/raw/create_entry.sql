-- The ledger's entry for a load; the counts add up to rows_read. $accepted rows had their ids to themselves.
-- Of a held load the counts are what they would be, and no month is touched.
-- Grain: version of a source, one.
CREATE OR REPLACE TEMP TABLE entry AS
SELECT
    $load_id AS load_id,
    $source AS source,
    $fingerprint AS fingerprint,
    (SELECT count(*) FROM staged) + (SELECT count(*) FROM malformed) AS rows_read,
    $accepted + claimed.holders AS rows_accepted,
    (SELECT count(*) FROM faults) + (SELECT count(*) FROM malformed) + claimed.conflicts AS rows_rejected,
    claimed.duplicates AS rows_duplicate,
    unknown.rows + claimed.unclassified AS rows_unclassified,
    (SELECT coalesce(list(DISTINCT month ORDER BY month), []) FROM touched) AS months_touched,
    $status AS status,
    $run_id AS run_id,
    $started_at AS started_at,
    $reason::VARCHAR AS reason,
    -- Never before what was checked already: on a clock that was put back these rows would pass the gates unseen.
    greatest(now(), (SELECT max(checked_at) FROM ops.validations)) AS finished_at
FROM (
    SELECT count(*) AS rows
    FROM staged
    ANTI JOIN faults USING (row_number)
    ANTI JOIN contested USING (transaction_id)
    ANTI JOIN codes USING (source_code)
) AS unknown
CROSS JOIN (
    SELECT
        count(*) FILTER (position = 1) AS holders,
        count(*) FILTER (position > 1 AND conflict) AS conflicts,
        count(*) FILTER (position > 1 AND NOT conflict) AS duplicates,
        count(*) FILTER (position = 1 AND kind = 'unclassified') AS unclassified
    FROM claims
    WHERE load_id = $load_id
) AS claimed
