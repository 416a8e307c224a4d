-- The keys that the customers of a batch should get, if every source before it is taken in whole. Grain: customer.
-- PII: customer_id (temporary).
CREATE OR REPLACE TEMP TABLE expected AS
SELECT customer_id, customer_key
FROM arrivals
SEMI JOIN read_parquet($paths::VARCHAR[], hive_partitioning = false) USING (customer_id)
