-- Months that have not passed a suite since they, or it, changed. Grain: month. version: what to remember when they do.
-- With $every also those that have passed, but not those that wait to be summed: nobody says that they agree.
SELECT wanted.subject, wanted.version
FROM (
    SELECT strftime(month, '%Y-%m') AS subject, left(md5(concat_ws('|', inputs, version, code, $content)), 16) AS version
    FROM spend.months
    WHERE NOT $every OR month NOT IN (SELECT month FROM raw.stale_months WHERE month IS NOT NULL)
) AS wanted
ANTI JOIN (FROM ops.gates WHERE suite = $suite AND NOT $every) AS passed USING (subject, version)
ORDER BY wanted.subject
