-- What the reject gate judges, before anything is written. Grain: source of the batch, in order.
SELECT batch.rows_faulty + coalesce(claimed.conflicts, 0) AS rows_rejected
FROM batch
LEFT JOIN (
    SELECT source_number, count(*) FILTER (conflict) AS conflicts FROM claims GROUP BY source_number
) AS claimed ON claimed.source_number = batch.source_number
ORDER BY batch.source_number
