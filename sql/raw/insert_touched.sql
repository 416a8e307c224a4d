-- The months of the versions that are replaced. Grain: load x month.
INSERT INTO touched (load_id, month)
SELECT batch.load_id, unnest(loads.months_touched)
FROM raw.loads AS loads
JOIN batch ON batch.replaced = loads.load_id
