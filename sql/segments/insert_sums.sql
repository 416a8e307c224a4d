-- Customers of a bucket by published segment, with sums of what the summary gives means of. Grain: bucket x segment.
INSERT INTO segment_sums (
    bucket, segment, depth, customers, margin, traced, output_o, output_c, output_e, output_a, output_n
)
SELECT
    $bucket, members.segment, max(members.depth), count(*), sum(members.margin::DECIMAL(18, 15)),
    count(output_o), sum(output_o::DECIMAL(18, 15)), sum(output_c::DECIMAL(18, 15)), sum(output_e::DECIMAL(18, 15)),
    sum(output_a::DECIMAL(18, 15)), sum(output_n::DECIMAL(18, 15))
FROM (FROM candidates.by_date WHERE as_of = $as_of) AS members
LEFT JOIN (
    FROM candidates.trajectories WHERE as_of = $as_of AND window_name = $window_name AND step = 6
) AS newest USING (customer_key)
GROUP BY members.segment
