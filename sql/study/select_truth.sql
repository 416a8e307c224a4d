-- The simulator's truth beside our keys. Grain: customer. switched: changed for life within the last annual step.
SELECT
    known.customer_key,
    list_position(
        ['openness', 'conscientiousness', 'extraversion', 'agreeableness', 'neuroticism'], truth.dominant_after
    ) - 1 AS dominant,
    coalesce(
        truth.switch_month > $as_of - INTERVAL 12 MONTH AND truth.dominant != truth.dominant_after, false
    ) AS switched
FROM read_parquet($file) AS truth
JOIN raw.customers AS known USING (customer_id)
