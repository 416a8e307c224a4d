-- Steps of a date whose periods have not passed a suite of this content, and the date itself where its steps have not.
-- Grain: step, and the date without window and step. version: what to remember when they pass.
WITH own AS (SELECT window_name, step, period_id FROM spend.steps WHERE as_of = $as_of),
wanted AS (
    SELECT window_name, step, period_id::VARCHAR AS subject, $content AS version FROM own
    UNION ALL
    SELECT
        NULL, NULL, $as_of::VARCHAR,
        left(md5(concat_ws('|', $content, string_agg(concat_ws(' ', window_name, step, period_id), ',' ORDER BY window_name, step))), 16)
    FROM own
)
SELECT wanted.window_name, wanted.step, wanted.subject, wanted.version
FROM wanted
ANTI JOIN (FROM ops.gates WHERE suite = $suite) AS passed USING (subject, version)
ORDER BY ALL
