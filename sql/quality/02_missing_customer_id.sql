-- Without a customer a row belongs to nobody.
-- A branch of the CASE that judges a typed row: `rule:field`.
WHEN customer_id IS NULL THEN 'missing_customer_id:customer_id'
