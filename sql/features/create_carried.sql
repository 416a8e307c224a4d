-- Rows of unchanged customers, taken aside before the date is written anew. Grain: that of the table.
CREATE OR REPLACE TEMP TABLE carried AS
SELECT * REPLACE ($as_of AS as_of)
FROM {table}
WHERE as_of = $source_date AND window_name = $window_name AND model_version = $model_version
    AND customer_key IN (SELECT customer_key FROM inputs)
    AND customer_key NOT IN (SELECT customer_key FROM changed)
