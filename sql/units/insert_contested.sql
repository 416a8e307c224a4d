-- What units found, beside what is released. Grain: transaction id.
INSERT INTO contested (transaction_id)
SELECT transaction_id FROM contested_ids ANTI JOIN contested USING (transaction_id)
