-- The months that a customer's segment is made from: rows of the customer that count as spending, and loads that brought
-- rows of the month, of whomever. Grain: month.
SELECT months.month, coalesce(spent.transactions, 0), coalesce(loads.loads, 0)
FROM (SELECT (date_trunc('month', $as_of::DATE) - to_months(ago::INTEGER))::DATE AS month FROM range($months) AS back (ago)) AS months
LEFT JOIN (
    SELECT month, sum(transactions)::BIGINT AS transactions
    FROM spend.monthly
    WHERE customer_key = $customer_key AND month <= $as_of::DATE
        AND month >= (date_trunc('month', $as_of::DATE) - to_months(($months - 1)::INTEGER))::DATE
    GROUP BY month
) AS spent USING (month)
LEFT JOIN (
    SELECT month, count(*) AS loads
    FROM (SELECT unnest(months_touched) AS month FROM raw.loads_in_force)
    GROUP BY month
) AS loads USING (month)
ORDER BY months.month
