-- Size and character of each published segment. Grain: as_of x segment.
-- Doubles were added as decimals: a sum of doubles hangs on the order that rows and files lie in, in its last digits.
-- top_classes: the three classes whose mean share exceeds the population's most.
INSERT INTO candidates.summary (
    as_of, segment, depth, customers, part, mean_margin, output_o, output_c, output_e, output_a, output_n, top_classes,
    model_version
)
WITH sums AS (
    SELECT
        segment, max(depth) AS depth, sum(customers)::BIGINT AS customers,
        sum(margin) AS margin, sum(traced)::BIGINT AS traced, sum(output_o) AS output_o, sum(output_c) AS output_c,
        sum(output_e) AS output_e, sum(output_a) AS output_a, sum(output_n) AS output_n
    FROM segment_sums
    GROUP BY segment
),
shares AS (
    SELECT segment, class_id, sum(share) AS share FROM segment_shares GROUP BY ALL
),
lifted AS (
    SELECT
        shares.segment, shares.class_id,
        shares.share / sums.customers
            - sum(shares.share) OVER (PARTITION BY shares.class_id) / (SELECT sum(customers)::BIGINT FROM sums) AS lift
    FROM shares
    JOIN sums USING (segment)
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
    $as_of, sums.segment, sums.depth, sums.customers, sums.customers / sum(sums.customers) OVER (),
    sums.margin / sums.customers, sums.output_o / sums.traced, sums.output_c / sums.traced, sums.output_e / sums.traced,
    sums.output_a / sums.traced, sums.output_n / sums.traced, labelled.top_classes, $model_version
FROM sums
LEFT JOIN labelled USING (segment)
ORDER BY sums.segment
