-- Less than half a cent: nothing was spent or received.
-- The field at fault, or null; of a typed row.
CASE WHEN amount = 0 THEN 'amount' END
