-- Spending of the steps of one window, as spend.by_period shows it. Grain: customer x step x class. Units: currency.
CREATE TEMP VIEW spending AS
SELECT
    steps.as_of, steps.window_name, held.customer_key, steps.step, held.class_id, held.amount,
    held.amount::DOUBLE / held.total::DOUBLE AS share
FROM steps
JOIN spend.periods AS held USING (period_id)
