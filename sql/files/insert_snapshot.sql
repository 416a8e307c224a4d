-- A snapshot of the lake in which some files are no more, as the DuckLake specification has it. Grain: one row.
INSERT INTO {catalog}.ducklake_snapshot (snapshot_id, snapshot_time, schema_version, next_catalog_id, next_file_id)
SELECT snapshot_id + 1, now(), schema_version, next_catalog_id, next_file_id
FROM {catalog}.ducklake_snapshot
WHERE snapshot_id = $newest
