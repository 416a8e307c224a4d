-- What the accepted rows from $first_day to before $after_day count as. Grain: kind. Units: currency, positive is money
-- out.
SELECT kind, count(*) AS rows, sum(amount) AS amount
FROM raw.transactions
WHERE booked_on >= $first_day AND booked_on < $after_day
GROUP BY kind
