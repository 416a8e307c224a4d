-- Ids that more than one source row claims. Grain: transaction id.
-- Ids repeated within the source are found by their hashes first, which is half the work of grouping the ids.
-- The lowest and the highest bound the staged ids, so that files of other ids are not even opened.
-- The rows of $replaced leave, and contest nothing.
CREATE OR REPLACE TEMP TABLE contested AS
SELECT transaction_id
FROM staged
WHERE transaction_id IS NOT NULL
    AND hash(transaction_id) IN (
        SELECT hash(transaction_id) FROM staged WHERE transaction_id IS NOT NULL GROUP BY ALL HAVING count(*) > 1
    )
GROUP BY transaction_id
HAVING count(*) > 1
UNION
SELECT transaction_id
FROM (
    SELECT transaction_id
    FROM raw.transactions
    WHERE transaction_id BETWEEN {lowest} AND {highest} AND load_id IS DISTINCT FROM $replaced
)
SEMI JOIN staged USING (transaction_id)
UNION
SELECT transaction_id
FROM (
    SELECT transaction_id
    FROM raw.duplicates
    WHERE transaction_id BETWEEN {lowest} AND {highest} AND load_id IS DISTINCT FROM $replaced
        AND mended_load_id IS NULL
)
SEMI JOIN staged USING (transaction_id)
UNION
SELECT transaction_id FROM released
