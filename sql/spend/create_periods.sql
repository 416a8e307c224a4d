-- The six steps of both windows that end at $as_of: calendar months, half-open, oldest first. Grain: window x step.
-- The newest step runs from the start of its oldest month to $as_of inclusive.
CREATE OR REPLACE TEMP TABLE periods AS
SELECT
    window_name,
    step::TINYINT AS step,
    (date_trunc('month', $as_of) - to_months((7 - step) * months - 1))::DATE AS period_start,
    least((date_trunc('month', $as_of) - to_months((6 - step) * months - 1))::DATE, $as_of + 1) AS period_end,
    date_trunc('month', $as_of)::DATE AS open_month
FROM (VALUES ('annual', 12), ('bimonthly', 2)) AS spans (window_name, months)
CROSS JOIN range(1, 7) AS steps (step)
