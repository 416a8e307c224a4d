-- Spending by period, each span of days once for all business dates that have it among their steps. PII: none.

CREATE TABLE spend.periods (
    period_id BIGINT, customer_key INTEGER, class_id SMALLINT, amount DECIMAL(18, 2), total DECIMAL(18, 2)
);
COMMENT ON TABLE spend.periods IS 'Spending by class over spans of days, each written once; grain: period x customer x class with spend above zero';
COMMENT ON COLUMN spend.periods.period_id IS 'Hash of the span, of the versions of its months and of the code that sums them';
COMMENT ON COLUMN spend.periods.amount IS 'Units of currency, above zero';
COMMENT ON COLUMN spend.periods.total IS 'The customer''s classified spending in this period, units of currency; a share is amount by total';

CREATE TABLE spend.steps (
    as_of DATE, window_name VARCHAR, step TINYINT, period_start DATE, period_end DATE, period_id BIGINT
);
COMMENT ON TABLE spend.steps IS 'The six steps of both windows of each business date; grain: as_of x window x step';
COMMENT ON COLUMN spend.steps.period_end IS 'Exclusive end of the step';
CREATE TABLE candidates.steps AS SELECT *, NULL::VARCHAR AS reference_version FROM spend.steps LIMIT 0;
COMMENT ON TABLE candidates.steps IS 'Steps of a date under a version of the reference set that is not active; grain: as_of x window x step';

-- What earlier versions wrote for each date as a whole stays as it was published: their periods have ids of their own.
-- A file for each, so that a query of one date opens no other.
ALTER TABLE spend.periods SET PARTITIONED BY (period_id);
INSERT INTO spend.periods
SELECT
    (hash(as_of, window_name, step) >> 1)::BIGINT AS period_id, customer_key, class_id, amount,
    sum(amount) OVER (PARTITION BY as_of, window_name, step, customer_key)::DECIMAL(18, 2) AS total
FROM spend.by_period
ORDER BY period_id, customer_key, class_id;
ALTER TABLE spend.periods RESET PARTITIONED BY;
INSERT INTO spend.steps
SELECT DISTINCT as_of, window_name, step, period_start, period_end, (hash(as_of, window_name, step) >> 1)::BIGINT
FROM spend.by_period
ORDER BY ALL;
DROP TABLE spend.by_period;
DROP TABLE candidates.by_period;

CREATE VIEW spend.by_period AS
SELECT
    steps.as_of, steps.window_name, held.customer_key, steps.step, steps.period_start, steps.period_end, held.class_id,
    held.amount, held.amount::DOUBLE / held.total::DOUBLE AS share
FROM spend.steps AS steps
JOIN spend.periods AS held USING (period_id);
COMMENT ON VIEW spend.by_period IS 'Spending by class over six steps, period_end exclusive, share of the customer''s classified spending in the step 0 to 1; grain: as_of x window x customer x step x class with spend above zero';
CREATE VIEW candidates.by_period AS
SELECT
    steps.as_of, steps.window_name, held.customer_key, steps.step, steps.period_start, steps.period_end, held.class_id,
    held.amount, held.amount::DOUBLE / held.total::DOUBLE AS share, steps.reference_version
FROM candidates.steps AS steps
JOIN spend.periods AS held USING (period_id);
COMMENT ON VIEW candidates.by_period IS 'spend.by_period of a date under a version that is not active; grain: as_of x window x customer x step x class';

COMMENT ON TABLE ops.gates IS 'What a gate said of each subject when it last looked; grain: suite x subject';
COMMENT ON COLUMN ops.gates.subject IS 'A month, a period, a business date, or the ledger';
COMMENT ON COLUMN ops.gates.version IS 'Hash of what passed and of the suite that looked; or refused';

-- Months are summed one by one or a few at a time: a file is as good as a partition, and a fifth cheaper to write.
ALTER TABLE spend.monthly RESET PARTITIONED BY;
