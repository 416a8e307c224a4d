-- Business dates that were made, of those that a file may hold; without a first and a last one: all. Grain: date.
SELECT DISTINCT as_of
FROM ops.provenance
WHERE as_of >= coalesce($first_day, DATE '0001-01-01') AND as_of <= coalesce($last_day, DATE '9999-12-31')
ORDER BY as_of
