-- Customers to compute: new ones, and those whose input differs from that of the date carried over. Grain: customer.
CREATE OR REPLACE TEMP TABLE changed AS
SELECT inputs.customer_key
FROM inputs
LEFT JOIN (
    SELECT customer_key, input_hash
    FROM features.inputs
    WHERE as_of = $source_date AND window_name = $window_name AND model_version = $model_version
) AS earlier USING (customer_key)
WHERE earlier.input_hash IS DISTINCT FROM inputs.input_hash
