-- Shares of some customers. Grain: customer x step x class with spend. Units: cents.
SELECT customer_key, step, class_id, share, (amount * 100)::BIGINT AS cents
FROM spending
WHERE as_of = $as_of AND window_name = $window_name
    AND customer_key IN (SELECT customer_key FROM {customers})
