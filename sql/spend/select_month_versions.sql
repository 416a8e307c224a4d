-- Version of each whole month in the windows of $as_of. Grain: month.
-- A month without spending has none, here or under another version of the reference set.
SELECT month, version
FROM spend.months
WHERE month >= (date_trunc('month', $as_of) - INTERVAL 71 MONTH)::DATE AND month < date_trunc('month', $as_of)::DATE
    AND version != 'empty'
ORDER BY month
