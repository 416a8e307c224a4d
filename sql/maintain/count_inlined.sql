-- Rows inside of the catalog that are in force. Grain: one row.
SELECT count(*) FROM {catalog}.{table} WHERE end_snapshot IS NULL
