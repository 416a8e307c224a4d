-- Less than half a cent: nothing was spent or received.
-- A branch of the CASE that judges a typed row: `rule:field`.
WHEN amount = 0 THEN 'zero_amount:amount'
