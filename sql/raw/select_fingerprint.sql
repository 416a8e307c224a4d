-- Tells two results of a query apart, whatever order their rows come in. Grain: one row.
SELECT count(*), coalesce(sum(hash(content)::HUGEINT), 0)
FROM (SELECT * EXCLUDE (source_number, row_number, fault) FROM staged) AS content
