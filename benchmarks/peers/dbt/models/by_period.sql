-- Spending over the six steps of both windows of a business date. Grain: as_of x window x step x customer x class.
{{ config(unique_key='as_of') }}

WITH steps AS (
    SELECT
        window_name,
        step,
        (date_trunc('month', as_of) - to_months((7 - step) * months - 1))::DATE AS period_start,
        least((date_trunc('month', as_of) - to_months((6 - step) * months - 1))::DATE, as_of + 1) AS period_end
    FROM (SELECT DATE '{{ var("as_of") }}' AS as_of) AS dates
    CROSS JOIN (VALUES ('annual', 12), ('bimonthly', 2)) AS spans (window_name, months)
    CROSS JOIN range(1, 7) AS numbers (step)
),
totals AS (
    SELECT window_name, step, period_start, period_end, customer_key, class_id, sum(amount)::DECIMAL(18, 2) AS amount
    FROM {{ ref('monthly') }}
    JOIN steps ON month >= period_start AND month < period_end
    WHERE class_id IS NOT NULL
    GROUP BY ALL
)
SELECT
    DATE '{{ var("as_of") }}' AS as_of,
    *,
    amount::DOUBLE / sum(amount) OVER (PARTITION BY window_name, step, customer_key)::DOUBLE AS share
FROM totals
WHERE amount > 0
