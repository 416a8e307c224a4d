-- The customer who lies deepest inside a segment of the greatest depth and whose reasons are not weak. PII: customer_id.
SELECT known.customer_id
FROM segments.current AS current
JOIN raw.customers AS known USING (customer_key)
JOIN features.explanations AS explanation
    ON explanation.customer_key = current.customer_key AND explanation.as_of = current.as_of
    AND explanation.window_name = current.window_name
WHERE current.depth > 0 AND NOT explanation.weak
ORDER BY current.depth DESC, current.margin DESC, current.customer_key
LIMIT 1
