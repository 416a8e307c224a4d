-- The faulty rows of a Parquet file as they were delivered, kept before the transaction: in it the file is not read
-- again, so that it may change then. Grain: faulty source row. PII: temporary.
CREATE OR REPLACE TEMP TABLE faulty AS
SELECT {columns}, microseg_row
FROM {relation} AS delivered
WHERE microseg_row IN (SELECT row_number FROM faults)
