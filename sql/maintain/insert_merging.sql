-- Grain: that of the table.
INSERT INTO {table} BY NAME FROM merging
