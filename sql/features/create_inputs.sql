-- What each customer's features of a date and window come from. Grain: customer. An amount that changes changes the hash.
CREATE OR REPLACE TEMP TABLE inputs AS
SELECT
    customer_key,
    count(DISTINCT step)::TINYINT AS active_steps,
    min(step)::TINYINT AS first_step,
    bit_xor(hash(step, class_id, amount)) AS input_hash
FROM spending
WHERE as_of = $as_of AND window_name = $window_name
GROUP BY customer_key
