-- What customers, months and the ledger need to know of the batch's rows, where these are at hand. Grain: row each.
CREATE OR REPLACE TEMP VIEW batch_customers AS SELECT source_number, customer_id, booked_on AS first_seen FROM batch_rows;
CREATE OR REPLACE TEMP VIEW batch_days AS SELECT source_number, booked_on AS day FROM batch_rows;
CREATE OR REPLACE TEMP VIEW batch_codes AS SELECT source_number, source_code, 1 AS rows FROM batch_rows
