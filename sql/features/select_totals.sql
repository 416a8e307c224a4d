-- Classified spending of each step. Grain: customer x step. Units: currency.
SELECT customer_key, step, sum(amount)::DOUBLE AS total
FROM spending
WHERE as_of = $as_of AND window_name = $window_name
    AND customer_key IN (SELECT customer_key FROM {customers})
GROUP BY customer_key, step
ORDER BY customer_key, step
