-- Moves since the date published before, as they are published. Grain: from x to.
SELECT from_segment, to_segment, customers::BIGINT
FROM segments.transitions
WHERE as_of = $as_of AND previous = $previous
ORDER BY customers DESC, from_segment, to_segment
