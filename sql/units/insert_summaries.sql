-- What the committer needs to know of rows without a fault, which it never sees. Grain: as sql/raw/create_staged_summaries.sql.
INSERT INTO staged_customers
SELECT source_number, customer_id, min(booked_on) FROM staged WHERE fault IS NULL GROUP BY ALL;
INSERT INTO staged_days
SELECT DISTINCT source_number, date_trunc('month', booked_on)::DATE FROM staged WHERE fault IS NULL;
INSERT INTO staged_codes
SELECT source_number, source_code, count(*) FROM staged WHERE fault IS NULL GROUP BY ALL;
INSERT INTO staged_ids
SELECT source_number, min(transaction_id), max(transaction_id), EXISTS(
    FROM staged WHERE fault IS NULL GROUP BY hash(transaction_id) HAVING count(*) > 1
)
FROM staged
WHERE fault IS NULL
GROUP BY source_number
