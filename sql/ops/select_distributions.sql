-- Distributions of one date in the primary window. Grain: measure x bin; the parts of a measure add up to 1, but for
-- coverage and unclassified, which are one part each.
SELECT 'class_shares' AS measure, class_id::VARCHAR AS bin, (sum(amount) / sum(sum(amount)) OVER ())::DOUBLE AS part
FROM spend.by_period
WHERE as_of = $as_of AND window_name = $window_name
GROUP BY class_id
UNION ALL
SELECT 'membership_' || trait, floor(least(output, 0.999) * 10)::INTEGER::VARCHAR, count(*) / sum(count(*)) OVER (PARTITION BY trait)
FROM (
    UNPIVOT (
        SELECT output_o AS o, output_c AS c, output_e AS e, output_a AS a, output_n AS n
        FROM features.trajectories
        WHERE as_of = $as_of AND window_name = $window_name AND step = 6
    ) ON o, c, e, a, n INTO NAME trait VALUE output
)
GROUP BY trait, floor(least(output, 0.999) * 10)
UNION ALL
SELECT 'segment_sizes', coalesce(segment_1, segment), count(*) / sum(count(*)) OVER ()
FROM segments.by_date
WHERE as_of = $as_of
GROUP BY coalesce(segment_1, segment)
UNION ALL
SELECT 'coverage', 'part', sum(coverage * total) / sum(total)
FROM features.personality
WHERE as_of = $as_of AND window_name = $window_name
UNION ALL
SELECT 'unclassified', 'part', (coalesce(sum(amount) FILTER (class_id IS NULL), 0) / nullif(sum(amount), 0))::DOUBLE
FROM spend.monthly
WHERE month > $as_of - INTERVAL 13 MONTH AND month <= $as_of
