-- Verdicts of a run. Grain: one row. Names of the expectations that did not hold.
SELECT
    count(*),
    count(*) FILTER (outcome != 'passed'),
    coalesce(string_agg(suite || ': ' || expectation, ', ' ORDER BY suite, expectation) FILTER (outcome != 'passed'), '')
FROM ops.validations
WHERE run_id = $run_id
