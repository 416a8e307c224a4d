-- How many of some files the lake knows, of whatever snapshot. Grain: one row.
SELECT count(*) FROM {catalog}.ducklake_data_file WHERE parse_filename(path) IN (SELECT unnest($names::VARCHAR[]))
