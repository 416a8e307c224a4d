-- Definitions of the published views, those that others read first. Grain: view. PII: none.
SELECT schema_name, sql
FROM duckdb_views()
WHERE database_name = 'lake' AND schema_name IN ('published', 'published_with_ids')
ORDER BY schema_name, view_name
