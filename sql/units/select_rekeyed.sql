-- Whether a customer of the batch gets another key than the one that the rows were written with. Grain: one row.
SELECT EXISTS (
    FROM batch_customers JOIN arrivals USING (customer_id)
    WHERE batch_customers.customer_key != arrivals.customer_key
)
