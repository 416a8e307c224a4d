-- The customers of a source, whatever else is wrong with their rows: an estimate of who arrives. Grain: source x customer.
INSERT INTO listed_customers (source_number, customer_id)
SELECT DISTINCT $source_number, customer_id
FROM (
    SELECT {customer_id} AS customer_id
    FROM (SELECT {delivered} FROM {relation} AS source) AS delivered
)
WHERE customer_id IS NOT NULL
