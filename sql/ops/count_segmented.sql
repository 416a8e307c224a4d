-- Customers of a date, and those of them who are in a segment. Grain: one row. PII: none.
SELECT count(*), count(*) FILTER (depth > 0) FROM segments.by_date WHERE as_of = $as_of
