-- Customers within $degrees of a boundary, by the segment behind it: not to be shown as it is.
-- Grain: segment x neighbour, '' for none that may be named.
SELECT segment, coalesce(neighbour, ''), count(*)
FROM segments.by_date
WHERE as_of = $as_of AND depth > 0 AND margin <= radians($degrees)
GROUP BY ALL
