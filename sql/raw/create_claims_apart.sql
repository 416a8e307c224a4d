-- The claims of sources that are held back: each is judged beside what is in, as if it came alone. Grain: source row.
-- Without the claims of the version that it would replace. PII: customer_id (temporary).
CREATE OR REPLACE TEMP TABLE claims AS
SELECT * EXCLUDE (ours, held)
FROM (
    SELECT
        claim.*,
        known.customer_id,
        row_number() OVER ranked AS position,
        first_value(row(customer_key, booked_on, amount, source_code)) OVER ranked
            IS DISTINCT FROM row(customer_key, booked_on, amount, source_code) AS conflict
    FROM (
        SELECT *, true AS ours, false AS held FROM incoming SEMI JOIN contested USING (transaction_id)
        UNION ALL BY NAME
        SELECT
            wanted.source_number, transaction_id, customer_key, booked_on, amount, currency, source_code, kind, class_id,
            others.load_id, others.row_number, false AS ours, held
        FROM (
            SELECT *, true AS held FROM raw.transactions
            WHERE transaction_id BETWEEN {lowest} AND {highest}
            UNION ALL BY NAME
            SELECT * EXCLUDE (conflict, mended_load_id), false AS held FROM raw.duplicates
            WHERE transaction_id BETWEEN {lowest} AND {highest} AND mended_load_id IS NULL
        ) AS others
        JOIN (
            SELECT DISTINCT source_number, replaced, transaction_id
            FROM batch_rows
            JOIN batch USING (source_number)
            SEMI JOIN contested USING (transaction_id)
        ) AS wanted USING (transaction_id)
        WHERE others.load_id IS DISTINCT FROM wanted.replaced
    ) AS claim
    JOIN (
        SELECT customer_key, customer_id FROM raw.customers
        UNION ALL
        SELECT customer_key, customer_id FROM arrivals WHERE is_new
    ) AS known USING (customer_key)
    WINDOW ranked AS (
        PARTITION BY source_number, transaction_id
        ORDER BY booked_on, amount, source_code, customer_id, held DESC, load_id, claim.row_number
    )
)
WHERE ours
