-- Without a customer a row belongs to nobody.
-- The field at fault, or null; of a typed row.
CASE WHEN customer_id IS NULL THEN 'customer_id' END
