-- The further claims on each contested id. Grain: source row.
INSERT INTO raw.duplicates (
    transaction_id, customer_key, booked_on, amount, currency, source_code, kind, class_id, load_id, row_number, conflict
)
SELECT
    transaction_id, customer_key, booked_on, amount, currency, source_code, kind, class_id, load_id, row_number, conflict
FROM claims
WHERE position > 1
