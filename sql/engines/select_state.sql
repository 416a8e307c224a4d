-- All that a use of an engine may have left: its settings, what is attached, secrets, and what its catalog has come to.
SELECT 'setting' AS kind, name, value AS content FROM duckdb_settings()
UNION ALL
SELECT 'database', database_name, path FROM duckdb_databases()
UNION ALL
SELECT 'secret', name, scope::VARCHAR FROM duckdb_secrets()
UNION ALL
SELECT 'snapshot', max(snapshot_id)::VARCHAR, max_by(snapshot_time, snapshot_id)::VARCHAR
FROM {catalog}.ducklake_snapshot;
