-- The accepted shape of the staged rows: keys for ids, class and kind for codes. Grain: staged row without a fault.
CREATE OR REPLACE TEMP VIEW incoming AS
SELECT
    staged.transaction_id,
    arrivals.customer_key,
    staged.booked_on,
    staged.amount,
    staged.currency,
    staged.source_code,
    row_kind(code.kind, staged.amount) AS kind,
    code.class_id,
    staged.row_number
FROM staged
ANTI JOIN faults ON faults.row_number = staged.row_number
JOIN arrivals ON arrivals.customer_id = staged.customer_id
LEFT JOIN codes AS code ON code.source_code = staged.source_code
