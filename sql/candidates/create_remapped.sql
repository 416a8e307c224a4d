-- Spending as another version of the reference set classes it; the raw rows stay as they are. Grain: transaction.
-- Units: currency.
CREATE OR REPLACE TEMP VIEW remapped AS
SELECT
    held.customer_key,
    held.booked_on,
    date_trunc('month', held.booked_on)::DATE AS month,
    code.class_id,
    held.amount
FROM raw.transactions AS held
LEFT JOIN new_codes AS code USING (source_code)
WHERE row_kind(code.kind, held.amount) IN ('spend', 'refund', 'fee', 'unclassified')
