-- Files that no snapshot has, for DuckLake's own cleaner to remove at its next call. Grain: file.
-- Ids are those of no data file, since the cleaner forgets lines by them; DuckLake numbers files from 0 on.
INSERT INTO {catalog}.ducklake_files_scheduled_for_deletion (data_file_id, path, path_is_relative, schedule_start)
SELECT (1::BIGINT << 60) + row_number() OVER (ORDER BY path), path, false, TIMESTAMPTZ '1970-01-02 00:00:00+00'
FROM (SELECT unnest($places::VARCHAR[]) AS path)
