-- Rows of one table of a lone engine as a file; the statement returns its path, rows and bytes. Grain: that of the table.
COPY (SELECT {columns} FROM {table} WHERE {condition}) TO {path} (FORMAT parquet, RETURN_STATS)
