-- The ledger's line of a load; the counts add up to rows_read. Grain: version of a source.
INSERT INTO raw.loads
SELECT
    $load_id,
    $source,
    $fingerprint,
    (SELECT count(*) FROM staged) + (SELECT count(*) FROM malformed),
    (SELECT count(*) FROM incoming ANTI JOIN contested USING (transaction_id)) + claimed.holders,
    (SELECT count(*) FROM faults) + (SELECT count(*) FROM malformed) + claimed.conflicts,
    claimed.duplicates,
    (SELECT count(*) FILTER (kind = 'unclassified') FROM incoming ANTI JOIN contested USING (transaction_id))
        + claimed.unclassified,
    (SELECT coalesce(list(DISTINCT month ORDER BY month), []) FROM raw.stale_months WHERE load_id = $load_id),
    'pending',
    $run_id,
    $started_at,
    now()
FROM (
    SELECT
        count(*) FILTER (position = 1) AS holders,
        count(*) FILTER (position > 1 AND conflict) AS conflicts,
        count(*) FILTER (position > 1 AND NOT conflict) AS duplicates,
        count(*) FILTER (position = 1 AND kind = 'unclassified') AS unclassified
    FROM claims
    WHERE load_id = $load_id
) AS claimed
