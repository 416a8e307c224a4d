-- Published segments of some dates. Grain: as_of x segment. Margins: degrees.
SELECT
    as_of, segment, depth, customers::BIGINT, degrees(mean_margin), output_o, output_c, output_e, output_a, output_n
FROM segments.summary
WHERE as_of IN ({listed})
ORDER BY as_of, customers DESC, segment
