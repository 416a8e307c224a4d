-- Moves that may be shown, since the date published before. Grain: as_of x from x to.
INSERT INTO segments.transitions (as_of, previous, from_segment, to_segment, customers)
SELECT
    $as_of, (SELECT previous FROM segments.dates WHERE as_of = $as_of), arriving.from_segment, arriving.to_segment,
    arriving.customers
FROM arriving
ORDER BY ALL
