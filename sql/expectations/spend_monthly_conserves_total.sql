-- One row when all of spend.monthly differs from all accepted rows that count. Grain: warehouse. Units: currency.
SELECT spent.amount
FROM (SELECT coalesce(sum(amount), 0) AS amount FROM spend.monthly) AS spent
JOIN (
    SELECT coalesce(sum(amount), 0) AS amount
    FROM raw.transactions
    WHERE kind IN ('spend', 'refund', 'fee', 'unclassified')
) AS counted ON spent.amount != counted.amount
