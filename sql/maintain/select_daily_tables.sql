-- Tables that hold rows for each business date and are not published for good. Grain: table.
SELECT schema_name || '.' || table_name
FROM duckdb_columns()
JOIN duckdb_tables() USING (database_name, schema_name, table_name)
WHERE database_name = current_database() AND schema_name IN ('features', 'candidates') AND column_name = 'as_of'
ORDER BY ALL
