-- Months that have not passed a suite since they, or it, changed. Grain: month. version: what to remember when they do.
SELECT wanted.subject, wanted.version
FROM (
    SELECT strftime(month, '%Y-%m') AS subject, left(md5(concat_ws('|', inputs, version, code, $content)), 16) AS version
    FROM spend.months
) AS wanted
ANTI JOIN (FROM ops.gates WHERE suite = $suite) AS passed USING (subject, version)
ORDER BY wanted.subject
