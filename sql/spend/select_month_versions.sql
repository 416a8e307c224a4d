-- Version of each month in the windows of $as_of. Grain: month.
-- Bounds are dates: compared with a point in time, a column of dates opens every file.
-- A month without spending has none, here or under another version of the reference set.
-- Of the month of $as_of only the rows up to that day count; at its end the version is that of the whole month.
SELECT month, version
FROM spend.months
WHERE month >= (date_trunc('month', $as_of) - INTERVAL 71 MONTH)::DATE AND month < date_trunc('month', $as_of)::DATE
    AND version != 'empty'
UNION ALL
SELECT date_trunc('month', $as_of)::DATE, {version}
FROM (
    SELECT customer_key, class_id, sum(amount)::DECIMAL(18, 2) AS amount
    FROM raw.transactions
    WHERE booked_on >= date_trunc('month', $as_of)::DATE AND booked_on <= $as_of
        AND class_id IS NOT NULL AND kind IN ('spend', 'refund', 'fee')
    GROUP BY customer_key, class_id
)
HAVING count(*) > 0
ORDER BY month
