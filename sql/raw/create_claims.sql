-- All claims on the contested ids, ranked by content alone, so that the order of loads does not matter: the claim
-- booked first holds the id; of equal ones that which holds it already. Grain: source row.
-- Without the claims of $replaced, whose rows leave; with those that it had corrected, whose correction leaves with it.
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
        transaction_id, customer_key, booked_on, amount, currency, source_code, kind, class_id, load_id, row_number,
        true AS held
    FROM raw.transactions
    WHERE transaction_id BETWEEN {lowest} AND {highest} AND transaction_id IN (SELECT transaction_id FROM contested)
        AND load_id IS DISTINCT FROM $replaced
    UNION ALL
    SELECT
        transaction_id, customer_key, booked_on, amount, currency, source_code, kind, class_id, load_id, row_number,
        false
    FROM raw.duplicates
    WHERE transaction_id BETWEEN {lowest} AND {highest} AND transaction_id IN (SELECT transaction_id FROM contested)
        AND load_id IS DISTINCT FROM $replaced AND (mended_load_id IS NULL OR mended_load_id = $replaced)
    UNION ALL
    SELECT
        transaction_id, customer_key, booked_on, amount, currency, source_code, kind, class_id, $load_id, row_number,
        false
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
    ORDER BY booked_on, amount, source_code, customer_id, held DESC, load_id, claim.row_number
)
