-- Tells two contents of a table apart, whatever the order of their rows. Grain: one row.
SELECT count(*), coalesce(sum(hash(content)::HUGEINT), 0)::VARCHAR
FROM (SELECT {columns} FROM {table}) AS content
