-- Accepted rows whose id nobody else claims. Grain: transaction.
INSERT INTO raw.transactions (
    transaction_id, customer_key, booked_on, amount, currency, source_code, kind, class_id, load_id, row_number
)
SELECT transaction_id, customer_key, booked_on, amount, currency, source_code, kind, class_id, load_id, row_number
FROM incoming
{condition}
