-- Which contracts the catalog tells of. Grain: one row, or none. PII: none.
SELECT comment
FROM duckdb_views()
WHERE database_name = 'lake' AND schema_name = 'published' AND view_name = 'dictionary'
