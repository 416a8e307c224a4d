-- What the accepted rows count as. Grain: kind. Units: currency, positive is money out.
SELECT kind, count(*) AS rows, sum(amount) AS amount, count(*) / sum(count(*)) OVER () AS part
FROM raw.transactions
GROUP BY kind
ORDER BY rows DESC, kind
