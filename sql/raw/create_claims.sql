-- All claims on the contested ids, ranked by content alone, so that the order of loads does not matter: the claim
-- booked first holds the id; of equal ones that which holds it already, then that of the source that came first.
-- Grain: source row.
-- Without the claims of $replaced, whose rows leave; with those that they had corrected, whose correction leaves with them.
-- PII: customer_id (temporary); it orders, and belongs to the text of a rejected row.
CREATE OR REPLACE TEMP TABLE claims AS
SELECT
    claim.* EXCLUDE held,
    known.customer_id,
    row_number() OVER ranked AS position,
    first_value(row(customer_key, booked_on, amount, source_code)) OVER ranked
        IS DISTINCT FROM row(customer_key, booked_on, amount, source_code) AS conflict
FROM (
    SELECT
        -1 AS source_number, transaction_id, customer_key, booked_on, amount, currency, source_code, kind, class_id,
        load_id, row_number, true AS held
    FROM raw.transactions
    WHERE transaction_id BETWEEN {lowest} AND {highest} AND transaction_id IN (SELECT transaction_id FROM contested)
        AND NOT list_contains($replaced::VARCHAR[], load_id)
    UNION ALL
    SELECT
        -1, transaction_id, customer_key, booked_on, amount, currency, source_code, kind, class_id, load_id,
        row_number, false
    FROM raw.duplicates
    WHERE transaction_id BETWEEN {lowest} AND {highest} AND transaction_id IN (SELECT transaction_id FROM contested)
        AND NOT list_contains($replaced::VARCHAR[], load_id)
        AND (mended_load_id IS NULL OR list_contains($replaced::VARCHAR[], mended_load_id))
    UNION ALL
    SELECT
        source_number, transaction_id, customer_key, booked_on, amount, currency, source_code, kind, class_id, load_id,
        row_number, false
    FROM incoming
    WHERE transaction_id IN (SELECT transaction_id FROM contested)
) AS claim
JOIN (
    SELECT customer_key, customer_id FROM raw.customers
    UNION ALL
    SELECT customer_key, customer_id FROM arrivals WHERE is_new
) AS known USING (customer_key)
WINDOW ranked AS (
    PARTITION BY transaction_id
    ORDER BY booked_on, amount, source_code, customer_id, held DESC, source_number, load_id, claim.row_number
)
