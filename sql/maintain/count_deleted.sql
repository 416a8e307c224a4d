-- Rows of data files that are deleted inside of the catalog. Grain: data file.
SELECT file_id, count(*) FROM {catalog}.ducklake_inlined_delete_{table_id} GROUP BY file_id
