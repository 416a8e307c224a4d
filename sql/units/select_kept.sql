-- Rows of a data file that are not deleted, as the lake's own file of deletions says it. Grain: that of the data file.
FROM read_parquet({path}, hive_partitioning = false, file_row_number = true)
WHERE file_row_number NOT IN (SELECT pos FROM read_parquet({deletions}, hive_partitioning = false))
