-- Shares of the customers to compute. Grain: customer x step x class with spend.
SELECT customer_key, step, class_id, share
FROM spending
WHERE as_of = $as_of AND window_name = $window_name
    AND customer_key IN (SELECT customer_key FROM {customers})
ORDER BY customer_key, step, class_id
