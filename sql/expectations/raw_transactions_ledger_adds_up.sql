-- Loads of which a row was lost or counted twice. Grain: version of a source.
SELECT load_id
FROM raw.loads
WHERE rows_read IS DISTINCT FROM rows_accepted + rows_rejected + rows_duplicate
