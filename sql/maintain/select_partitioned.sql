-- Tables whose new rows are split into partitions. Grain: table.
SELECT DISTINCT folders.schema_name || '.' || tables.table_name
FROM {catalog}.ducklake_partition_info AS partitioned
JOIN {catalog}.ducklake_partition_column AS by_column USING (partition_id)
JOIN {catalog}.ducklake_table AS tables ON tables.table_id = partitioned.table_id
JOIN {catalog}.ducklake_schema AS folders USING (schema_id)
WHERE partitioned.end_snapshot IS NULL AND tables.end_snapshot IS NULL AND folders.end_snapshot IS NULL
