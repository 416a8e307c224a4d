-- What the reject gate judges, before anything is written. Grain: source of the batch, in order.
-- disputed: rows on ids that are claimed with different contents, whoever loses them.
SELECT
    batch.rows_faulty + coalesce(claimed.conflicts, 0) AS rows_rejected,
    batch.rows_faulty + coalesce(claimed.disputed, 0) AS rows_at_most
FROM batch
LEFT JOIN (
    SELECT source_number, count(*) FILTER (conflict) AS conflicts, count(*) FILTER (id_in_conflict) AS disputed
    FROM (
        SELECT source_number, conflict, bool_or(conflict) OVER (PARTITION BY transaction_id) AS id_in_conflict
        FROM claims
    )
    GROUP BY source_number
) AS claimed ON claimed.source_number = batch.source_number
ORDER BY batch.source_number
