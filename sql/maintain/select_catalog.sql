-- What the catalog knows of. Grain: one row. Units: bytes.
-- Files in force make up the newest snapshot; the others are kept for older ones, or wait until no reader is at them.
WITH files AS (
    SELECT end_snapshot, file_size_bytes FROM {catalog}.ducklake_data_file
    UNION ALL
    SELECT end_snapshot, file_size_bytes FROM {catalog}.ducklake_delete_file
)
SELECT
    (SELECT count(*) FROM {catalog}.ducklake_snapshot),
    (SELECT count(*) FILTER (end_snapshot IS NULL) FROM files),
    (SELECT coalesce(sum(file_size_bytes) FILTER (end_snapshot IS NULL), 0)::BIGINT FROM files),
    (SELECT count(*) FILTER (end_snapshot IS NOT NULL) FROM files),
    (SELECT coalesce(sum(file_size_bytes) FILTER (end_snapshot IS NOT NULL), 0)::BIGINT FROM files),
    (SELECT count(*) FROM {catalog}.ducklake_files_scheduled_for_deletion)
