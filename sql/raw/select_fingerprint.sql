-- Tells two results of a query apart, whatever order their rows come in. Grain: one row.
SELECT count(*), coalesce(sum(hash(content)::HUGEINT), 0)
FROM (SELECT * EXCLUDE row_number FROM staged) AS content
