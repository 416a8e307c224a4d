-- The verdict of a whole suite, one list a column. Grain: run x expectation. PII: none, counts only.
INSERT INTO ops.validations (
    run_id, as_of, suite, table_name, expectation, column_name, severity, outcome, observed, unexpected_count, checked_at
)
SELECT
    $run_id, $as_of, $suite, $table_name, unnest($expectation), unnest($column_name),
    unnest($severity), unnest($outcome), unnest($observed), unnest($unexpected_count), now()
