-- What passed of periods that no date has any more. Grain: suite x subject.
DELETE FROM ops.gates
WHERE suite IN ('spend_by_period', 'candidate_periods') AND regexp_full_match(subject, '[0-9]+')
    AND subject NOT IN (
        SELECT period_id::VARCHAR FROM spend.steps
        UNION ALL
        SELECT period_id::VARCHAR FROM candidates.steps
    )
