-- Ids of the batch that rows hold which are in already. Grain: transaction id.
-- Whoever waits in raw.duplicates waits for an id that raw.transactions holds: held by a load that stays, it is found
-- there, and by one of $replaced, it is released.
-- The lowest and the highest bound the ids of the batch, so that files of other ids are not even opened.
INSERT INTO contested (transaction_id)
SELECT transaction_id
FROM raw.transactions
SEMI JOIN batch_rows USING (transaction_id)
ANTI JOIN contested USING (transaction_id)
WHERE transaction_id BETWEEN {lowest} AND {highest} AND NOT list_contains($replaced::VARCHAR[], load_id)
