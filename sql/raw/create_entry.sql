-- The ledger's entry for a load; the counts add up to rows_read. Grain: version of a source, one.
CREATE OR REPLACE TEMP TABLE entry AS
SELECT
    $load_id AS load_id,
    $source AS source,
    $fingerprint AS fingerprint,
    (SELECT count(*) FROM staged) + (SELECT count(*) FROM malformed) AS rows_read,
    uncontested.accepted + claimed.holders AS rows_accepted,
    (SELECT count(*) FROM faults) + (SELECT count(*) FROM malformed) + claimed.conflicts AS rows_rejected,
    claimed.duplicates AS rows_duplicate,
    uncontested.unclassified + claimed.unclassified AS rows_unclassified,
    (SELECT coalesce(list(DISTINCT month ORDER BY month), []) FROM raw.stale_months WHERE load_id = $load_id)
        AS months_touched,
    'pending' AS status,
    $run_id AS run_id,
    $started_at AS started_at,
    now() AS finished_at
FROM (
    SELECT
        coalesce(sum(rows), 0)::BIGINT AS accepted,
        coalesce(sum(rows) FILTER (code.kind IS NULL), 0)::BIGINT AS unclassified
    FROM (
        SELECT source_code, count(*) AS rows
        FROM staged
        ANTI JOIN faults USING (row_number)
        ANTI JOIN contested USING (transaction_id)
        GROUP BY source_code
    )
    LEFT JOIN ref.source_codes AS code USING (source_code)
) AS uncontested
CROSS JOIN (
    SELECT
        count(*) FILTER (position = 1) AS holders,
        count(*) FILTER (position > 1 AND conflict) AS conflicts,
        count(*) FILTER (position > 1 AND NOT conflict) AS duplicates,
        count(*) FILTER (position = 1 AND kind = 'unclassified') AS unclassified
    FROM claims
    WHERE load_id = $load_id
) AS claimed
