-- Keys that occur more than once, among those with the hashes $1. Grain: key. Null counts as a value, unlike in a UNIQUE
-- constraint.
SELECT count(*) AS occurrences
FROM batch
WHERE hash({columns}) IN (SELECT unnest($1::UBIGINT[]))
GROUP BY {columns}
HAVING count(*) > 1
