-- Periods that their gate refused when it last looked: they are written again. Grain: period.
SELECT subject::BIGINT AS period_id
FROM ops.gates
WHERE suite IN ('spend_by_period', 'candidate_periods') AND version = 'refused' AND regexp_full_match(subject, '[0-9]+')
