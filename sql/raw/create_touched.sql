-- Months whose sums the batch changes, by the load that does. Grain: load x month.
-- A load's own, those of the other claims on its ids, and those of the version that it replaces.
CREATE OR REPLACE TEMP TABLE touched AS
SELECT DISTINCT batch.load_id, date_trunc('month', days.day)::DATE AS month
FROM (
    SELECT DISTINCT source_number, day FROM batch_days
    UNION ALL
    SELECT mine.source_number, others.booked_on
    FROM claims AS mine
    JOIN claims AS others ON others.transaction_id = mine.transaction_id AND others.source_number <= mine.source_number
    WHERE mine.source_number >= 0
    UNION ALL
    SELECT batch.source_number, claims.booked_on
    FROM claims
    JOIN released ON released.transaction_id = claims.transaction_id
    JOIN batch ON batch.replaced = released.replaced
) AS days
JOIN batch ON batch.source_number = days.source_number
