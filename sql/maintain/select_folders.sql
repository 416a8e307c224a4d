-- Folders of the files of all tables, of every snapshot, below the data path or whole. Grain: folder.
SELECT DISTINCT
    CASE WHEN tables.path_is_relative::BOOLEAN THEN folders.path || tables.path ELSE tables.path END AS folder
FROM {catalog}.ducklake_table AS tables
JOIN {catalog}.ducklake_schema AS folders USING (schema_id)
ORDER BY folder
