-- Make files part of a table, with the statistics that their footers have. Folders stand for columns in partitions alone.
CALL ducklake_add_data_files(
    '{catalog}', '{name}', $paths::VARCHAR[], schema => '{schema}', hive_partitioning => {is_partition}
)
