-- Features of some customers that were computed just now. Grain: that of the table.
INSERT INTO candidates.{table} BY NAME
SELECT *, $as_of AS as_of, $window_name AS window_name, $model_version AS model_version
FROM arriving
