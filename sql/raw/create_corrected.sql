-- Rows to replay, numbered in a stable order. Grain: rejected source row. PII: temporary.
CREATE OR REPLACE TEMP TABLE corrected AS
SELECT
    load_id,
    TRY_CAST(row_number AS BIGINT) AS row_number,
    {names},
    row_number() OVER (ORDER BY load_id, TRY_CAST(row_number AS BIGINT)) AS microseg_row
FROM ({relation}) AS offered
WHERE (load_id, TRY_CAST(row_number AS BIGINT)) IN (
    SELECT (load_id, row_number) FROM raw.rejects_waiting
)
