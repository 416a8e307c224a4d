-- Counts again the rows of earlier loads whose claims were settled anew. Grain: version of a source.
-- $first_day and $after_day bound their months, so that the files of other months are not opened.
UPDATE raw.loads
SET rows_accepted = counted.accepted,
    rows_rejected = counted.rejected,
    rows_duplicate = counted.duplicate,
    rows_unclassified = counted.unclassified
FROM (
    SELECT
        load_id,
        count(*) FILTER (origin = 'accepted') AS accepted,
        count(*) FILTER (origin = 'rejected') AS rejected,
        count(*) FILTER (origin = 'duplicate') AS duplicate,
        count(*) FILTER (origin = 'accepted' AND kind = 'unclassified') AS unclassified
    FROM (
        SELECT load_id, 'accepted' AS origin, kind
        FROM raw.transactions
        WHERE booked_on >= $first_day AND booked_on < $after_day
        UNION ALL
        SELECT load_id, 'rejected', NULL FROM raw.rejected
        UNION ALL
        SELECT load_id, 'duplicate', NULL FROM raw.duplicates WHERE NOT conflict
    )
    WHERE load_id IN (SELECT load_id FROM claims WHERE load_id NOT IN (SELECT load_id FROM batch))
    GROUP BY load_id
) AS counted
WHERE raw.loads.load_id = counted.load_id
