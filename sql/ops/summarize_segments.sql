-- Published segments. Grain: segment. Margin: mean angle to the nearest boundary, radians.
SELECT segment, customers, part, round(mean_margin, 3)::VARCHAR, coalesce(top_classes, '')
FROM segments.summary
WHERE as_of = $as_of
ORDER BY customers DESC, segment
