-- What the reject gate judges, before anything is written. Grain: one row.
-- alone: rows without a fault whose ids nobody else claims.
SELECT
    readable.rows + malformed.rows AS rows_read,
    faults.rows + malformed.rows + claimed.conflicts AS rows_rejected,
    readable.rows - faults.rows - claimed.rows AS alone
FROM (SELECT count(*) AS rows FROM staged) AS readable
CROSS JOIN (SELECT count(*) AS rows FROM malformed) AS malformed
CROSS JOIN (SELECT count(*) AS rows FROM faults) AS faults
CROSS JOIN (
    SELECT count(*) AS rows, count(*) FILTER (position > 1 AND conflict) AS conflicts
    FROM claims
    WHERE load_id = $load_id
) AS claimed
