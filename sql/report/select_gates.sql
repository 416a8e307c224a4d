-- The newest verdict of every suite up to a date. Grain: suite.
SELECT
    suite, max(table_name), count(*) FILTER (outcome = 'passed'), count(*) FILTER (outcome = 'failed'),
    count(*) FILTER (outcome = 'error'), max(as_of)
FROM (
    FROM ops.validations
    WHERE as_of <= $as_of
    QUALIFY run_id = first_value(run_id) OVER (PARTITION BY suite ORDER BY checked_at DESC, run_id)
)
GROUP BY suite
ORDER BY suite
