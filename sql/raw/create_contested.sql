-- Ids that more than one source row claims. Grain: transaction id.
-- Ids repeated within the batch are found by their hashes first, which is half the work of grouping the ids.
-- The lowest and the highest bound the ids of the batch, so that files of other ids are not even opened.
-- The rows of $replaced leave, and contest nothing.
CREATE OR REPLACE TEMP TABLE contested AS
SELECT transaction_id
FROM batch_rows
WHERE hash(transaction_id) IN (SELECT hash(transaction_id) FROM batch_rows GROUP BY ALL HAVING count(*) > 1)
GROUP BY transaction_id
HAVING count(*) > 1
UNION
SELECT transaction_id
FROM (
    SELECT transaction_id
    FROM raw.transactions
    WHERE transaction_id BETWEEN {lowest} AND {highest} AND NOT list_contains($replaced::VARCHAR[], load_id)
)
SEMI JOIN batch_rows USING (transaction_id)
UNION
SELECT transaction_id
FROM (
    SELECT transaction_id
    FROM raw.duplicates
    WHERE transaction_id BETWEEN {lowest} AND {highest} AND NOT list_contains($replaced::VARCHAR[], load_id)
        AND mended_load_id IS NULL
)
SEMI JOIN batch_rows USING (transaction_id)
UNION
SELECT transaction_id FROM released
