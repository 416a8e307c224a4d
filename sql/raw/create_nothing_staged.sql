-- No rows come when a load is withdrawn. Grain: row, none.
CREATE OR REPLACE TEMP TABLE staged (
    row_number BIGINT, transaction_id VARCHAR, customer_id VARCHAR, booked_on DATE, amount DECIMAL(18, 2),
    currency VARCHAR, source_code VARCHAR
);
CREATE OR REPLACE TEMP TABLE faults (row_number BIGINT, reason VARCHAR, column_name VARCHAR)
