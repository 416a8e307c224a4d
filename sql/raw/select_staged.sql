-- How many rows a source has, and how many of them break a rule. Grain: one row.
SELECT
    staged.rows + malformed.rows AS rows_read,
    staged.faulty + malformed.rows AS rows_faulty,
    staged.faulty
FROM (SELECT count(*) AS rows, count(fault) AS faulty FROM staged WHERE source_number = $source_number) AS staged
CROSS JOIN (SELECT count(*) AS rows FROM malformed WHERE source_number = $source_number) AS malformed
