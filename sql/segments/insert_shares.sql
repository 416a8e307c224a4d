-- Mean shares of the customers of a bucket, added up by published segment. Grain: bucket x segment x class.
INSERT INTO segment_shares (bucket, segment, class_id, share)
SELECT $bucket, members.segment, spend.class_id, sum((spend.share / inputs.active_steps)::DECIMAL(18, 15))
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
JOIN (SELECT customer_key, segment FROM candidates.by_date WHERE as_of = $as_of) AS members USING (customer_key)
GROUP BY members.segment, spend.class_id
