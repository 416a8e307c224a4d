-- The rows of a batch as they were staged, from the files that they were written to at first. Grain: row without a fault.
-- PII: customer_id (temporary).
CREATE TEMP VIEW staged AS
SELECT
    batch.source_number, row_number, transaction_id, customer_id, booked_on, amount, currency, source_code,
    NULL::VARCHAR AS fault
FROM written
JOIN batch USING (load_id)
JOIN (SELECT DISTINCT customer_id, customer_key FROM staged_customers) AS known USING (customer_key)
