-- Months and classes whose sums differ from those of the accepted rows. Grain: month x class. Units: currency.
-- Both sides are summed by what they hold first, days and classes, of which there are few.
SELECT date_trunc('month', day) AS month, class_id
FROM (
    SELECT month AS day, class_id, sum(amount) AS amount, sum(transactions) AS transactions FROM batch GROUP BY ALL
    UNION ALL
    SELECT booked_on, class_id, -sum(amount), -count(*)
    FROM raw.transactions
    WHERE {booked} AND kind IN ('spend', 'refund', 'fee', 'unclassified')
    GROUP BY ALL
)
GROUP BY ALL
HAVING sum(amount) != 0 OR sum(transactions) != 0
