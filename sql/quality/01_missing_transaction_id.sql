-- Without an id a row cannot be told from its repetition.
-- A branch of the CASE that judges a typed row: `rule:field`.
WHEN transaction_id IS NULL THEN 'missing_transaction_id:transaction_id'
