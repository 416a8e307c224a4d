-- Published segments. Grain: segment. Margin: mean angle to the nearest boundary, degrees, for people to read; empty where
-- there is none. Columns hold radians.
SELECT
    segment, customers, part,
    coalesce(printf('%.1f', degrees(nullif(mean_margin, 'nan'))), '') AS margin,
    coalesce(top_classes, '') AS top_classes
FROM segments.summary
WHERE as_of = $as_of
ORDER BY customers DESC, segment
