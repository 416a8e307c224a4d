-- No amount was delivered.
-- A branch of the CASE that judges a typed row: `rule:field`.
WHEN NOT has_amount THEN 'missing_amount:amount'
