-- Conflicts that somebody gave up: they stay so when their ids are settled anew. Grain: rejected source row.
CREATE OR REPLACE TEMP TABLE dismissed AS
SELECT load_id, row_number, dismissed_at
FROM raw.rejected
WHERE dismissed_at IS NOT NULL AND transaction_id IN (SELECT transaction_id FROM contested)
    AND reason = 'duplicate_id_with_other_content'
