-- Columns of the published views as they are. Grain: view x column. PII: none.
SELECT schema_name, table_name, column_name, data_type
FROM duckdb_columns()
WHERE database_name = 'lake' AND schema_name IN ('published', 'published_with_ids') AND table_name != 'dictionary'
ORDER BY schema_name, table_name, column_index
