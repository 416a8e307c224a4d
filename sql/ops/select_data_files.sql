-- Names of all files that the lake knows, of every snapshot and those that wait to be deleted. Grain: file. PII: none.
SELECT parse_filename(path) AS name FROM __ducklake_metadata_lake.ducklake_data_file
UNION ALL
SELECT parse_filename(path) FROM __ducklake_metadata_lake.ducklake_delete_file
UNION ALL
SELECT parse_filename(path) FROM __ducklake_metadata_lake.ducklake_files_scheduled_for_deletion
