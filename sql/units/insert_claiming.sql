-- The contested ids, and the rows of the batch that claim them. Grain: transaction id; row without a fault.
INSERT INTO scratch.contested_ids (transaction_id) SELECT DISTINCT transaction_id FROM contested;
INSERT INTO scratch.claiming BY NAME
SELECT staged.*
FROM staged
WHERE fault IS NULL AND source_number IN ({numbers}) AND transaction_id IN (SELECT transaction_id FROM contested)
