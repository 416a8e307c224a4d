-- What a model says of some customers after a step. Grain: that of the table.
INSERT INTO {table} BY NAME
SELECT *, $id AS {column} FROM arriving
