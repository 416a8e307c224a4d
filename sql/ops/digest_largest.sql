-- The five largest published segments, with the classes that their customers spend more on than others. Grain: segment.
SELECT segment, customers, part, coalesce(top_classes, '')
FROM segments.summary
WHERE as_of = $as_of AND depth > 0
ORDER BY customers DESC, segment
LIMIT 5
