-- What a file that was just written holds, read back from where it lies. Grain: one row.
SELECT
    (SELECT num_rows FROM parquet_file_metadata($path)) AS rows,
    size AS bytes,
    sha256(content) AS sha256
FROM read_blob($path)
