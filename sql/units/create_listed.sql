-- The customers of all sources that were looked at in advance, each with the first that has it. Grain: customer.
-- PII: customer_id (temporary).
CREATE OR REPLACE TEMP TABLE listed AS
SELECT customer_id, min(source_number) AS source_number
FROM read_parquet($paths::VARCHAR[], hive_partitioning = false)
GROUP BY customer_id
