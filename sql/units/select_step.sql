-- One step of a date, as spend.by_period shows it: its period, or periods, where it has a wrong one. Grain: customer x class.
-- Units: currency.
SELECT {window} AS window_name, {step}::TINYINT AS step, customer_key, class_id, amount
FROM (SELECT unnest([{periods}]::BIGINT[]) AS period_id)
JOIN spend.periods USING (period_id)
