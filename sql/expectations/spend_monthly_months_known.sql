-- Months that hold rows or sums and that no gate is asked of: neither summed nor waiting for it. Grain: month.
SELECT month
FROM (
    SELECT date_trunc('month', booked_on)::DATE AS month FROM raw.transactions WHERE {booked}
    UNION
    SELECT date_trunc('month', month)::DATE FROM spend.monthly WHERE {summed}
)
WHERE month IS NULL
    OR month NOT IN (SELECT month FROM spend.months UNION SELECT month FROM raw.stale_months WHERE month IS NOT NULL)
