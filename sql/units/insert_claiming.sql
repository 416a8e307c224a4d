-- The contested ids, and the rows of the batch that claim them. Grain: transaction id; row without a fault.
INSERT INTO scratch.contested_ids (transaction_id) SELECT DISTINCT transaction_id FROM contested;
INSERT INTO scratch.claiming BY NAME
SELECT * FROM batch_rows WHERE transaction_id IN (SELECT transaction_id FROM contested)
