-- Data files of the newest snapshot, and the files that say which of their rows are deleted. Grain: file.
-- first_day, last_day: dates that its rows hold, where the table has a column for them; first_id, last_id: ids of their
-- periods, scores or states. bytes: as the catalog knows them. rows_deleted: by a file that says which rows of another
-- are deleted.
WITH held AS (
    SELECT data_file_id, table_id, path, path_is_relative, file_size_bytes, record_count AS rows_held, 0 AS rows_deleted
    FROM {catalog}.ducklake_data_file
    WHERE end_snapshot IS NULL
),
files AS (
    FROM held
    UNION ALL
    SELECT data_file_id, table_id, path, path_is_relative, file_size_bytes, 0, delete_count
    FROM {catalog}.ducklake_delete_file
    WHERE end_snapshot IS NULL AND data_file_id IN (SELECT data_file_id FROM held)
),
spans AS (
    SELECT
        stats.data_file_id,
        any_value(dated.column_name) AS column_name,
        min(try_cast(stats.min_value AS DATE)) AS first_day,
        max(try_cast(stats.max_value AS DATE)) AS last_day,
        min(try_cast(stats.min_value AS BIGINT)) AS first_id,
        max(try_cast(stats.max_value AS BIGINT)) AS last_id
    FROM {catalog}.ducklake_file_column_stats AS stats
    JOIN {catalog}.ducklake_column AS dated USING (table_id, column_id)
    WHERE dated.end_snapshot IS NULL
        AND dated.column_name IN ('as_of', 'month', 'booked_on', 'period_id', 'scores_id', 'states_id')
    GROUP BY stats.data_file_id
)
SELECT
    files.data_file_id,
    files.table_id,
    folders.schema_name || '.' || tables.table_name AS table_name,
    CASE WHEN NOT files.path_is_relative::BOOLEAN THEN files.path
        ELSE CASE WHEN NOT tables.path_is_relative::BOOLEAN THEN '' ELSE folders.path END || tables.path || files.path
    END AS path,
    files.file_size_bytes AS bytes,
    spans.first_day,
    spans.last_day,
    spans.first_id,
    spans.last_id,
    files.rows_held,
    files.rows_deleted
FROM files
JOIN {catalog}.ducklake_table AS tables USING (table_id)
JOIN {catalog}.ducklake_schema AS folders USING (schema_id)
LEFT JOIN spans USING (data_file_id)
WHERE tables.end_snapshot IS NULL AND folders.end_snapshot IS NULL
ORDER BY table_name, path
