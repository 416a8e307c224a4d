-- What units wrote for us, each row once: of two units with the same rows, or of none. Grain: that of the table.
INSERT INTO {table} BY NAME
SELECT DISTINCT * FROM read_parquet($paths::VARCHAR[], hive_partitioning = false)
