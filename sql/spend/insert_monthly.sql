-- Spending less refunds of consecutive months. Grain: customer x month x class. Units: currency.
-- Few months at a time keep memory flat. No order: it would cost as much again as the sums.
INSERT INTO spend.monthly (customer_key, month, class_id, amount, transactions)
SELECT
    customer_key,
    {month} AS month,
    class_id,
    sum(amount)::DECIMAL(18, 2) AS amount,
    count(*)::INTEGER AS transactions
FROM raw.transactions
WHERE booked_on >= $first_day AND booked_on < $after_day AND kind IN ('spend', 'refund', 'fee', 'unclassified')
GROUP BY ALL
