-- Whether a customer's spending is no longer what the released features were made from. Grain: one row.
SELECT (
    SELECT bit_xor(hash(step, class_id, amount))
    FROM spending
    WHERE as_of = $as_of AND window_name = $window_name AND customer_key = $customer_key
) IS DISTINCT FROM (
    SELECT input_hash
    FROM features.inputs
    WHERE as_of = $as_of AND window_name = $window_name AND customer_key = $customer_key
)
