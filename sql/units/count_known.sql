-- How many of some files the lake knows, of whatever snapshot, or is about to remove. Grain: one row.
SELECT count(*)
FROM (
    SELECT path FROM {catalog}.ducklake_data_file
    UNION ALL
    SELECT path FROM {catalog}.ducklake_files_scheduled_for_deletion
)
WHERE parse_filename(path) IN (SELECT unnest($names::VARCHAR[]))
