-- Rows that get a file of their own together, in the order that they were written in. Grain: that of the table.
CREATE OR REPLACE TEMP TABLE merging AS
SELECT * FROM {table} WHERE {span} ORDER BY {order}
