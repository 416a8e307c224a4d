-- Tables inside of the catalog that hold rows too few for a file. Grain: table x version of its columns.
SELECT folders.schema_name || '.' || tables.table_name, inlined.table_name
FROM {catalog}.ducklake_inlined_data_tables AS inlined
JOIN {catalog}.ducklake_table AS tables USING (table_id)
JOIN {catalog}.ducklake_schema AS folders USING (schema_id)
WHERE tables.end_snapshot IS NULL AND folders.end_snapshot IS NULL
ORDER BY ALL
