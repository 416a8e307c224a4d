-- What the accepted rows of twelve months count as: all of history would cost more every night.
-- Grain: kind. Units: currency, positive is money out.
SELECT kind, count(*) AS rows, sum(amount) AS amount, count(*) / sum(count(*)) OVER () AS part
FROM raw.transactions
WHERE booked_on > $as_of::DATE - INTERVAL 12 MONTH AND booked_on <= $as_of::DATE
GROUP BY kind
ORDER BY rows DESC, kind
