-- Size and character of each published segment. Grain: as_of x segment.
-- Doubles are added as decimals: a sum of doubles hangs on the order that rows and files lie in, in its last digits.
-- top_classes: the three classes whose mean share exceeds the population's most.
INSERT INTO candidates.summary (
    as_of, segment, depth, customers, part, mean_margin, output_o, output_c, output_e, output_a, output_n, top_classes,
    model_version
)
WITH members AS (
    SELECT customer_key, segment, depth, margin FROM candidates.by_date WHERE as_of = $as_of
),
shares AS (
    SELECT members.segment, spend.class_id, sum((spend.share / inputs.active_steps)::DECIMAL(18, 15)) AS share
    FROM (
        SELECT customer_key, class_id, share
        FROM spending
        WHERE as_of = $as_of AND window_name = $window_name
    ) AS spend
    JOIN (
        SELECT customer_key, active_steps
        FROM candidates.inputs
        WHERE as_of = $as_of AND window_name = $window_name
    ) AS inputs USING (customer_key)
    JOIN members USING (customer_key)
    GROUP BY members.segment, spend.class_id
),
sizes AS (
    SELECT segment, count(*) AS customers FROM members GROUP BY segment
),
lifted AS (
    SELECT
        shares.segment, shares.class_id,
        shares.share / sizes.customers
            - sum(shares.share) OVER (PARTITION BY shares.class_id) / (SELECT count(*) FROM members) AS lift
    FROM shares
    JOIN sizes USING (segment)
),
labelled AS (
    SELECT lifted.segment, string_agg(class.label, ', ' ORDER BY lifted.lift DESC, class.label) AS top_classes
    FROM (
        SELECT * FROM lifted
        WHERE lift > 0
        QUALIFY row_number() OVER (PARTITION BY segment ORDER BY lift DESC, class_id) <= 3
    ) AS lifted
    JOIN classes AS class USING (class_id)
    GROUP BY lifted.segment
)
SELECT
    $as_of, members.segment, max(members.depth), count(*), count(*) / sum(count(*)) OVER (),
    avg(members.margin::DECIMAL(18, 15)), avg(output_o::DECIMAL(18, 15)), avg(output_c::DECIMAL(18, 15)),
    avg(output_e::DECIMAL(18, 15)), avg(output_a::DECIMAL(18, 15)), avg(output_n::DECIMAL(18, 15)), max(labelled.top_classes), $model_version
FROM members
LEFT JOIN (
    FROM candidates.trajectories WHERE as_of = $as_of AND window_name = $window_name AND step = 6
) AS newest USING (customer_key)
LEFT JOIN labelled USING (segment)
GROUP BY members.segment
ORDER BY members.segment
