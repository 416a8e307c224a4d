-- The rows that a unit writes: made while they are written, so that nobody keeps them twice. Grain: transaction.
DROP TABLE raw.transactions;
CREATE VIEW raw.transactions AS
SELECT transaction_id, customer_key, booked_on, amount, currency, source_code, kind, class_id, load_id, row_number
FROM incoming
{condition}
