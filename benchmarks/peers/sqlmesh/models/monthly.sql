-- Spending less refunds of a month, its open part too. Grain: customer x month x class.
MODEL (
  name spend.monthly,
  kind INCREMENTAL_BY_TIME_RANGE (time_column month),
  start '2020-01-01',
  cron '@monthly',
  allow_partials TRUE
);

SELECT
  customer_key,
  DATE_TRUNC('MONTH', booked_on)::DATE AS month,
  class_id,
  SUM(amount)::DECIMAL(18, 2) AS amount,
  COUNT(*)::INT AS transactions
FROM READ_PARQUET(@rows, hive_partitioning = FALSE)
WHERE
  booked_on BETWEEN @start_date AND @end_date AND kind IN ('spend', 'refund', 'fee', 'unclassified')
GROUP BY
  1,
  2,
  3
