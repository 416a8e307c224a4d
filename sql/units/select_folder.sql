-- The folder of a table's files below the data path, or whole. Grain: one row.
SELECT
    CASE WHEN tables.path_is_relative::BOOLEAN THEN folders.path || tables.path ELSE tables.path END AS folder
FROM {catalog}.ducklake_table AS tables
JOIN {catalog}.ducklake_schema AS folders USING (schema_id)
WHERE tables.end_snapshot IS NULL AND folders.end_snapshot IS NULL
    AND folders.schema_name || '.' || tables.table_name = $name
