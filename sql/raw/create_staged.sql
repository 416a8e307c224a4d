-- What a batch of sources delivers, nothing yet. Sources are numbered within their batch.
-- staged: rows in the contract's columns, typed; fault: the first broken rule with its field, or null. Grain: readable row.
-- malformed: lines of a CSV that are no rows. Grain: line.
-- faulty: rows with a fault, with their whole text. Grain: row.
-- PII: customer_id, csv_line and row_text (temporary).
CREATE OR REPLACE TEMP TABLE staged (
    source_number INTEGER, row_number BIGINT, transaction_id VARCHAR, customer_id VARCHAR, has_date BOOLEAN,
    booked_on DATE, has_amount BOOLEAN, number DOUBLE, amount DECIMAL(18, 2), currency VARCHAR, source_code VARCHAR,
    fault VARCHAR
);
CREATE OR REPLACE TEMP TABLE malformed (
    source_number INTEGER, row_number BIGINT, good_before BIGINT, position BIGINT, reason VARCHAR, column_name VARCHAR,
    csv_line VARCHAR
);
CREATE OR REPLACE TEMP TABLE faulty (
    source_number INTEGER, row_number BIGINT, transaction_id VARCHAR, reason VARCHAR, column_name VARCHAR, row_text JSON
)
