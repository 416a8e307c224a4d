-- The customers of all sources that were looked at in advance, as if these were one batch. Grain: customer.
CREATE OR REPLACE TEMP VIEW batch_customers AS
SELECT source_number, customer_id, NULL::DATE AS first_seen FROM listed
