-- Rows of each load that the new mapping leaves without a class. Grain: version of a source.
UPDATE raw.loads
SET rows_unclassified = counted.unclassified
FROM (
    SELECT load_id, count(*) FILTER (kind = 'unclassified') AS unclassified FROM raw.transactions GROUP BY load_id
) AS counted
WHERE raw.loads.load_id = counted.load_id AND raw.loads.rows_unclassified != counted.unclassified
