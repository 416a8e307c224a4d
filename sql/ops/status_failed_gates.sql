-- Expectations that stop a run, in the newest verdict of each suite. Grain: suite x expectation.
SELECT
    suite || ': ' || expectation || coalesce(' of ' || nullif(column_name, ''), ''),
    outcome || CASE WHEN unexpected_count > 0 THEN ', ' || unexpected_count || ' rows' ELSE '' END
FROM (
    FROM ops.validations
    QUALIFY run_id = first_value(run_id) OVER (PARTITION BY suite ORDER BY checked_at DESC, run_id)
)
WHERE outcome = 'error' OR (outcome = 'failed' AND severity = 'critical')
ORDER BY ALL
