-- Lines of a CSV that became a row or a reject. Grain: one row.
SELECT (SELECT count(*) FROM fetched) + (SELECT count(*) FROM malformed WHERE source_number = $source_number)
