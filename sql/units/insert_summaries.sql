-- What the committer needs to know of rows without a fault, which it never sees. Grain: as sql/raw/create_staged_summaries.sql.
-- A customer whom nobody expected has a key below zero, until the committer knows better.
INSERT INTO staged_customers (source_number, customer_id, first_seen, customer_key)
SELECT
    source_number, customer_id, first_seen,
    coalesce(expected.customer_key, -dense_rank() OVER (ORDER BY customer_id)) AS customer_key
FROM (
    SELECT source_number, customer_id, min(booked_on) AS first_seen FROM staged WHERE fault IS NULL GROUP BY ALL
)
LEFT JOIN expected USING (customer_id);
INSERT INTO staged_days (source_number, day)
SELECT DISTINCT source_number, date_trunc('month', booked_on)::DATE
FROM (SELECT DISTINCT source_number, booked_on FROM staged WHERE fault IS NULL);
INSERT INTO staged_codes (source_number, source_code, rows)
SELECT source_number, source_code, count(*) FROM staged WHERE fault IS NULL GROUP BY ALL;
-- Two ids of one hash look like a repeated one: somebody then looks for it in vain.
INSERT INTO staged_ids (source_number, lowest, highest, repeated)
SELECT source_number, min(transaction_id), max(transaction_id), (
    SELECT count(DISTINCT hash(transaction_id)) < count(*) FROM staged WHERE fault IS NULL
)
FROM staged
WHERE fault IS NULL
GROUP BY source_number
