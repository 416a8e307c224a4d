-- Spending over the six steps of both windows of a business date. Grain: as_of x window x step x customer x class.
MODEL (
  name spend.by_period,
  kind INCREMENTAL_BY_TIME_RANGE (time_column as_of, batch_size 1),
  start '2025-11-28',
  cron '@daily'
);

WITH steps AS (
  SELECT
    window_name,
    step,
    (DATE_TRUNC('MONTH', @end_date) - TO_MONTHS((7 - step) * months - 1))::DATE AS period_start,
    LEAST((DATE_TRUNC('MONTH', @end_date) - TO_MONTHS((6 - step) * months - 1))::DATE, @end_date + 1) AS period_end
  FROM (VALUES ('annual', 12), ('bimonthly', 2)) AS spans(window_name, months)
  CROSS JOIN (VALUES (1), (2), (3), (4), (5), (6)) AS numbers(step)
), totals AS (
  SELECT
    window_name,
    step,
    period_start,
    period_end,
    customer_key,
    class_id,
    SUM(amount)::DECIMAL(18, 2) AS amount
  FROM spend.monthly
  JOIN steps
    ON month >= period_start AND month < period_end
  WHERE
    NOT class_id IS NULL
  GROUP BY ALL
)
SELECT
  @end_date::DATE AS as_of,
  *,
  amount::DOUBLE / SUM(amount) OVER (PARTITION BY window_name, step, customer_key)::DOUBLE AS share
FROM totals
WHERE
  amount > 0
