-- Keys that occur more than once. Grain: key. Null counts as a value, unlike in a UNIQUE constraint.
SELECT count(*) AS occurrences
FROM batch
GROUP BY {columns}
HAVING count(*) > 1
