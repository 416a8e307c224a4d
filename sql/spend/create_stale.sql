-- Months to sum again: marked ones, those whose gate refused them, those that were summed by other code, and those that
-- were never summed. Grain: month.
CREATE OR REPLACE TEMP TABLE stale AS
SELECT month FROM raw.stale_months
UNION
SELECT (subject || '-01')::DATE FROM ops.gates WHERE suite = 'spend_monthly' AND version = 'refused'
UNION
SELECT loaded.month
FROM (
    SELECT DISTINCT unnest(months_touched) AS month FROM raw.loads WHERE status IN ('pending', 'published')
) AS loaded
ANTI JOIN (FROM spend.months WHERE code = $code) AS summed USING (month)
