-- How many rows of a write stay inside of the catalog, where it was set for a table. Grain: table.
SELECT scope_entry, value FROM {catalog}.options() WHERE option_name = 'data_inlining_row_limit' AND scope = 'TABLE'
