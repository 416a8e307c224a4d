-- Version of the month of $as_of up to that day; none where it has no spending. Grain: one row.
-- Bounds are dates: compared with a point in time, a column of dates opens every file.
-- At the end of the month the version is that of the whole month.
SELECT {version}
FROM (
    SELECT customer_key, class_id, sum(amount)::DECIMAL(18, 2) AS amount
    FROM raw.transactions
    WHERE booked_on >= date_trunc('month', $as_of)::DATE AND booked_on <= $as_of
        AND class_id IS NOT NULL AND kind IN ('spend', 'refund', 'fee')
    GROUP BY customer_key, class_id
)
HAVING count(*) > 0
