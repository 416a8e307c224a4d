-- Rows of unchanged customers, from the released date that they are taken over from. Grain: that of the table.
INSERT INTO candidates.{table} BY NAME
SELECT * REPLACE ($as_of AS as_of)
FROM features.{table}
WHERE as_of = $source_date AND window_name = $window_name AND model_version = $model_version
    AND customer_key IN (SELECT customer_key FROM inputs)
    AND customer_key NOT IN (SELECT customer_key FROM changed)
