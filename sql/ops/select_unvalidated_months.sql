-- Months touched by loads, or by a new mapping of codes, since the suite last passed. Grain: month.
WITH last_passed AS (
    SELECT coalesce(max(checked_at), TIMESTAMPTZ '-infinity') AS checked_at
    FROM (
        SELECT max(checked_at) AS checked_at
        FROM ops.validations
        WHERE suite = $suite
        GROUP BY run_id
        HAVING NOT bool_or(outcome = 'error' OR (outcome = 'failed' AND severity = 'critical'))
    )
)
SELECT unnest(months_touched) AS month
FROM raw.loads
WHERE coalesce(withdrawn_at, finished_at) >= (SELECT checked_at FROM last_passed)
UNION
SELECT unnest(months_touched)
FROM raw.loads
WHERE (SELECT max(applied_at) FROM ref.sets) >= (SELECT checked_at FROM last_passed)
ORDER BY month
