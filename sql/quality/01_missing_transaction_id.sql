-- Without an id a row cannot be told from its repetition.
-- The field at fault, or null; of a typed row.
CASE WHEN transaction_id IS NULL THEN 'transaction_id' END
