-- One customer's published segment beside the split of its lead. Grain: one row or none. PII: looked up by customer_id.
SELECT
    current.customer_key, current.segment, current.depth, current.margin, current.neighbour, current.window_name,
    current.as_of, current.model_version, coalesce(inputs.active_steps, 0), explanation.dominant, explanation.runner_up,
    explanation.lead, explanation.explained, explanation.intercept, explanation.residual, explanation.weak
FROM raw.customers AS known
JOIN segments.current AS current USING (customer_key)
LEFT JOIN features.explanations AS explanation
    ON explanation.customer_key = current.customer_key AND explanation.as_of = current.as_of
    AND explanation.window_name = current.window_name
LEFT JOIN features.inputs AS inputs
    ON inputs.customer_key = current.customer_key AND inputs.as_of = current.as_of
    AND inputs.window_name = current.window_name
WHERE known.customer_id = $customer_id
