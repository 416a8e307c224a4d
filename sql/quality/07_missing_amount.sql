-- No amount was delivered.
-- The field at fault, or null; of a typed row.
CASE WHEN NOT has_amount THEN 'amount' END
