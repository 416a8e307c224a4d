-- The small files go as a whole, with the files that say which of their rows are deleted. Grain: that of the table.
DELETE FROM {table} WHERE {span}
