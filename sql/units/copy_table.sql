-- Some columns of a table as a file that units read. Grain: that of the table.
COPY (SELECT {columns} FROM {table}) TO {path} (FORMAT parquet)
