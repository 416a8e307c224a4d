-- Steps in which a customer's shares do not sum to 1 but for rounding. Grain: window x step x customer.
SELECT window_name
FROM batch
GROUP BY window_name, step, customer_key
HAVING NOT coalesce(abs(sum(share) - 1) <= 1e-9, false)
