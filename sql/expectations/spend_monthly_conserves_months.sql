-- Months and classes whose sums differ from those of the accepted rows. Grain: month x class. Units: currency.
SELECT month, class_id
FROM (
    SELECT date_trunc('month', month) AS month, class_id, amount, transactions FROM batch
    UNION ALL
    SELECT date_trunc('month', booked_on), class_id, -amount, -1
    FROM raw.transactions
    WHERE {booked} AND kind IN ('spend', 'refund', 'fee', 'unclassified')
)
GROUP BY ALL
HAVING sum(amount) != 0 OR sum(transactions) != 0
