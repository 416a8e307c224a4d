-- Ids of the batch that rows claim which are in already. Grain: transaction id.
-- The lowest and the highest bound the ids of the batch, so that files of other ids are not even opened.
-- The rows of $replaced leave, and contest nothing.
INSERT INTO contested (transaction_id)
SELECT DISTINCT transaction_id
FROM (
    SELECT transaction_id
    FROM raw.transactions
    WHERE transaction_id BETWEEN {lowest} AND {highest} AND NOT list_contains($replaced::VARCHAR[], load_id)
    UNION ALL
    SELECT transaction_id
    FROM raw.duplicates
    WHERE transaction_id BETWEEN {lowest} AND {highest} AND NOT list_contains($replaced::VARCHAR[], load_id)
        AND mended_load_id IS NULL
)
SEMI JOIN batch_rows USING (transaction_id)
ANTI JOIN contested USING (transaction_id)
