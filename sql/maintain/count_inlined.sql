-- Rows inside of the catalog that are in force, with the name of their table. Grain: one row.
SELECT '{name}', count(*) FROM {catalog}.{table} WHERE end_snapshot IS NULL
