-- What a Parquet file says of itself: its bytes, its rows, the bytes that its pages unpack to, and its columns.
-- Its parts are not believed to agree: of the rows the highest number counts. Grain: one row.
SELECT
    (SELECT sum(file_size_bytes) FROM parquet_file_metadata($uri)),
    greatest(
        (SELECT sum(num_rows) FROM parquet_file_metadata($uri)),
        (SELECT max(rows) FROM (SELECT sum(num_values) AS rows FROM parquet_metadata($uri) GROUP BY path_in_schema))
    ),
    (SELECT coalesce(sum(total_uncompressed_size), 0) FROM parquet_metadata($uri)),
    (SELECT coalesce(list(path_in_schema), []) FROM parquet_metadata($uri) WHERE row_group_id = 0)
