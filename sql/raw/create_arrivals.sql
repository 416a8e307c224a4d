-- Customers of the staged rows without a fault, with their earliest day. Grain: customer. PII: customer_id (temporary).
CREATE OR REPLACE TEMP TABLE arrivals AS
SELECT customer_id, min(booked_on) AS first_seen
FROM staged
ANTI JOIN faults USING (row_number)
GROUP BY customer_id
