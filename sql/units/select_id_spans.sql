-- The lowest and highest transaction id of each data file of raw.transactions; null where the catalog does not know.
-- Compared by whoever asks: a server's own order of texts need not be that of their bytes. Grain: data file.
SELECT stats.data_file_id, any_value(stats.min_value), any_value(stats.max_value)
FROM {catalog}.ducklake_file_column_stats AS stats
JOIN {catalog}.ducklake_column AS id USING (table_id, column_id)
JOIN {catalog}.ducklake_table AS tables ON tables.table_id = stats.table_id
JOIN {catalog}.ducklake_schema AS folders USING (schema_id)
WHERE id.column_name = 'transaction_id' AND id.end_snapshot IS NULL
    AND tables.table_name = 'transactions' AND tables.end_snapshot IS NULL
    AND folders.schema_name = 'raw' AND folders.end_snapshot IS NULL
GROUP BY stats.data_file_id
