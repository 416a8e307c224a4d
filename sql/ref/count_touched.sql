-- What each change of the reference set touches, in one scan of the rows. Grain: subject of a change.
-- touched: subject x source_code; the subject of all changes together is one more.
WITH seen AS MATERIALIZED (
    SELECT source_code, customer_key, date_trunc('month', booked_on) AS month, count(*) AS transactions
    FROM raw.transactions
    WHERE source_code IN (SELECT source_code FROM touched)
    GROUP BY ALL
)
SELECT
    touched.subject, count(DISTINCT seen.customer_key), count(DISTINCT seen.month), sum(seen.transactions)::BIGINT
FROM touched
JOIN seen USING (source_code)
GROUP BY touched.subject
