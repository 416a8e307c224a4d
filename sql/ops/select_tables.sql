-- What there is to query: tables and views of the lake. Grain: table or view. PII: none, comments name the columns that are.
SELECT schema_name AS schema, name, kind, comment
FROM (
    SELECT database_name, schema_name, table_name AS name, 'table' AS kind, comment FROM duckdb_tables()
    UNION ALL
    SELECT database_name, schema_name, view_name, 'view', comment FROM duckdb_views() WHERE NOT internal
)
WHERE database_name = current_database()
ORDER BY schema, name
