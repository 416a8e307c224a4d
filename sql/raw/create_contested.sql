-- Ids that more than one source row of the batch claims, or that $replaced release. Grain: transaction id.
-- Repeated ids are found by their hashes first, which is half the work of grouping the ids.
CREATE OR REPLACE TEMP TABLE contested AS
SELECT transaction_id
FROM batch_rows
WHERE hash(transaction_id) IN (SELECT hash(transaction_id) FROM batch_rows GROUP BY ALL HAVING count(*) > 1)
GROUP BY transaction_id
HAVING count(*) > 1
UNION
SELECT transaction_id FROM released
