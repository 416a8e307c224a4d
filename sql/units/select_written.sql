-- What a file that was just written says that it holds, read back from where it lies. Grain: one row.
SELECT num_rows, file_size_bytes FROM parquet_file_metadata($path)
