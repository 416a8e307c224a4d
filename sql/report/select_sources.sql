-- Sources whose rows are in. Grain: source.
SELECT DISTINCT source FROM raw.loads_in_force WHERE source IS NOT NULL ORDER BY source
