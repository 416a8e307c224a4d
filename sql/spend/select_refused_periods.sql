-- Periods that their gate refused when it last looked: they are written again. Grain: period.
SELECT subject::BIGINT AS period_id
FROM ops.gates
WHERE suite = 'spend_by_period' AND version = 'refused' AND regexp_full_match(subject, '[0-9]+')
