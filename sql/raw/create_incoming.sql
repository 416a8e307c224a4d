-- The accepted shape of the batch's rows: keys for ids, class and kind for codes. Grain: row without a fault.
CREATE OR REPLACE TEMP VIEW incoming AS
SELECT
    batch.source_number,
    batch_rows.transaction_id,
    arrivals.customer_key,
    batch_rows.booked_on,
    batch_rows.amount,
    batch_rows.currency,
    batch_rows.source_code,
    row_kind(code.kind, batch_rows.amount) AS kind,
    code.class_id,
    batch.load_id,
    batch_rows.row_number
FROM batch_rows
JOIN batch ON batch.source_number = batch_rows.source_number
JOIN arrivals ON arrivals.customer_id = batch_rows.customer_id
LEFT JOIN codes AS code ON code.source_code = batch_rows.source_code
