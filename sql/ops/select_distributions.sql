-- Distributions of one date in one window, over the customers with enough active steps: those whom a training may see.
-- Grain: measure x bin; the parts of a measure add up to 1, but for coverage and unclassified, which are one part each.
WITH fit AS (
    SELECT customer_key
    FROM {schema}.inputs
    WHERE as_of = $as_of AND window_name = $window_name AND active_steps >= $min_active_steps
),
newest AS (
    SELECT output_o AS o, output_c AS c, output_e AS e, output_a AS a, output_n AS n
    FROM {schema}.trajectories
    SEMI JOIN fit USING (customer_key)
    WHERE as_of = $as_of AND window_name = $window_name AND step = 6
)
SELECT 'class_shares' AS measure, class_id::VARCHAR AS bin, (sum(amount) / sum(sum(amount)) OVER ())::DOUBLE AS part
FROM spending
SEMI JOIN fit USING (customer_key)
WHERE as_of = $as_of AND window_name = $window_name
GROUP BY class_id
UNION ALL
SELECT 'membership_' || trait, floor(least(output, 0.999) * 10)::INTEGER::VARCHAR, count(*) / sum(count(*)) OVER (PARTITION BY trait)
FROM (UNPIVOT newest ON o, c, e, a, n INTO NAME trait VALUE output)
GROUP BY trait, floor(least(output, 0.999) * 10)
UNION ALL
SELECT 'segment_sizes', dominant, count(*) / sum(count(*)) OVER ()
FROM (
    SELECT CASE greatest(o, c, e, a, n) WHEN o THEN 'O' WHEN c THEN 'C' WHEN e THEN 'E' WHEN a THEN 'A' ELSE 'N' END AS dominant
    FROM newest
)
GROUP BY dominant
UNION ALL
SELECT 'coverage', 'part', sum((coverage * total)::DECIMAL(28, 10)) / sum(total::DECIMAL(18, 2))
FROM {schema}.personality
SEMI JOIN fit USING (customer_key)
WHERE as_of = $as_of AND window_name = $window_name
