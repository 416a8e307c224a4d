-- Reference data, raw rows with their quarantine and ledger, spending, and the journal of operations.
-- PII: raw.customers.customer_id; raw.rejected.row_text and raw.rejected.transaction_id may hold what a source delivered.

CREATE SCHEMA ref;
CREATE TABLE ref.sets (reference VARCHAR, content_hash VARCHAR, primary_window VARCHAR, applied_at TIMESTAMPTZ);
COMMENT ON TABLE ref.sets IS 'The one reference set of this warehouse; grain: one row';
CREATE TABLE ref.classes (class_id SMALLINT, code VARCHAR, label VARCHAR, class_group VARCHAR);
COMMENT ON TABLE ref.classes IS 'Spending classes; grain: class';
CREATE TABLE ref.source_codes (source_code VARCHAR, class_id SMALLINT, kind VARCHAR, label VARCHAR);
COMMENT ON TABLE ref.source_codes IS 'Codes of the source and the class each belongs to; grain: code';
COMMENT ON COLUMN ref.source_codes.kind IS 'spend and fee count as spending; income, transfer and other are kept but not counted';
CREATE TABLE ref.coefficients (class_id SMALLINT, trait VARCHAR, coefficient DOUBLE, origin VARCHAR);
COMMENT ON TABLE ref.coefficients IS 'Big-Five coefficients, an authored stand-in unless the bank replaced it; grain: class x trait';

CREATE SCHEMA raw;
CREATE TABLE raw.customers (customer_key INTEGER, customer_id VARCHAR, first_seen DATE, suppressed BOOLEAN);
COMMENT ON TABLE raw.customers IS 'The only table that knows customer_id; grain: customer';
COMMENT ON COLUMN raw.customers.customer_id IS 'PII: the bank''s own identifier';
COMMENT ON COLUMN raw.customers.first_seen IS 'Earliest booking date ever delivered';

CREATE TABLE raw.transactions (
    transaction_id VARCHAR, customer_key INTEGER, booked_on DATE, amount DECIMAL(18, 2), currency VARCHAR,
    source_code VARCHAR, kind VARCHAR, class_id SMALLINT, load_id VARCHAR, row_number BIGINT
);
ALTER TABLE raw.transactions SET PARTITIONED BY (year(booked_on), month(booked_on));
COMMENT ON TABLE raw.transactions IS 'Accepted source rows; grain: transaction; partitioned by month';
COMMENT ON COLUMN raw.transactions.amount IS 'Units of currency; positive is money out, negative is money in';
COMMENT ON COLUMN raw.transactions.kind IS 'spend, refund, fee, income, transfer, other or unclassified';
COMMENT ON COLUMN raw.transactions.row_number IS 'Row of the source, counted from 1 without the header';

CREATE TABLE raw.duplicates (
    transaction_id VARCHAR, customer_key INTEGER, booked_on DATE, amount DECIMAL(18, 2), currency VARCHAR,
    source_code VARCHAR, kind VARCHAR, class_id SMALLINT, load_id VARCHAR, row_number BIGINT, conflict BOOLEAN
);
COMMENT ON TABLE raw.duplicates IS 'Further claims on an id that raw.transactions holds; grain: source row';
COMMENT ON COLUMN raw.duplicates.conflict IS 'true: other content under the same id, also in raw.rejected';

CREATE TABLE raw.rejected (
    load_id VARCHAR, row_number BIGINT, transaction_id VARCHAR, reason VARCHAR, column_name VARCHAR, row_text JSON,
    rejected_at TIMESTAMPTZ, replayed_load_id VARCHAR
);
COMMENT ON TABLE raw.rejected IS 'Quarantine; grain: rejected source row';
COMMENT ON COLUMN raw.rejected.row_text IS 'PII: the whole source row as it was delivered';
COMMENT ON COLUMN raw.rejected.replayed_load_id IS 'The load that put the mended row back; null while it waits';

CREATE TABLE raw.loads (
    load_id VARCHAR, source VARCHAR, fingerprint VARCHAR, rows_read BIGINT, rows_accepted BIGINT,
    rows_rejected BIGINT, rows_duplicate BIGINT, rows_unclassified BIGINT, months_touched DATE[], status VARCHAR,
    run_id VARCHAR, started_at TIMESTAMPTZ, finished_at TIMESTAMPTZ
);
COMMENT ON TABLE raw.loads IS 'Load ledger; grain: version of a source';
COMMENT ON COLUMN raw.loads.status IS 'pending (not yet past the reject gate), published, or replaced by a newer version';

CREATE TABLE raw.stale_months (month DATE, load_id VARCHAR);
COMMENT ON TABLE raw.stale_months IS 'Months whose spend.monthly no longer agrees with raw.transactions; emptied by aggregate';

CREATE SCHEMA spend;
CREATE TABLE spend.monthly (
    customer_key INTEGER, month DATE, class_id SMALLINT, amount DECIMAL(18, 2), transactions INTEGER
);
ALTER TABLE spend.monthly SET PARTITIONED BY (year(month), month(month));
COMMENT ON TABLE spend.monthly IS 'Spending less refunds; grain: customer x month x class (null: unclassified)';
COMMENT ON COLUMN spend.monthly.amount IS 'Units of currency, may be negative in a month of refunds';

CREATE TABLE spend.by_period (
    as_of DATE, window_name VARCHAR, customer_key INTEGER, step TINYINT, period_start DATE, period_end DATE,
    class_id SMALLINT, amount DECIMAL(18, 2), share DOUBLE
);
ALTER TABLE spend.by_period SET PARTITIONED BY (as_of, window_name);
COMMENT ON TABLE spend.by_period IS 'Spending by class over six steps; grain: as_of x window x customer x step x class with spend above zero';
COMMENT ON COLUMN spend.by_period.period_end IS 'Exclusive end of the step';
COMMENT ON COLUMN spend.by_period.share IS 'Part of the customer''s classified spending in this step, 0 to 1';

CREATE TABLE ops.runs (
    run_id VARCHAR, flow VARCHAR, as_of DATE, status VARCHAR, started_at TIMESTAMPTZ, finished_at TIMESTAMPTZ,
    stages JSON, message VARCHAR
);
COMMENT ON TABLE ops.runs IS 'Journal of runs with seconds and rows per stage; grain: run';
CREATE TABLE ops.validations (
    run_id VARCHAR, as_of DATE, suite VARCHAR, table_name VARCHAR, expectation VARCHAR, column_name VARCHAR,
    severity VARCHAR, outcome VARCHAR, observed VARCHAR, unexpected_count BIGINT, checked_at TIMESTAMPTZ
);
COMMENT ON TABLE ops.validations IS 'Verdict of every expectation; grain: run x expectation';
COMMENT ON COLUMN ops.validations.outcome IS 'passed, failed or error (could not be evaluated)';

CREATE TABLE ops.provenance (as_of DATE, stage VARCHAR, inputs_hash VARCHAR, run_id VARCHAR, finished_at TIMESTAMPTZ);
COMMENT ON TABLE ops.provenance IS 'From which inputs a stage last wrote its tables; grain: as_of x stage';

CREATE TABLE ops.turn (taken_by VARCHAR);
INSERT INTO ops.turn VALUES (NULL);
COMMENT ON TABLE ops.turn IS 'Written by every load, so that of two at once one commits and the other starts over; grain: one row';
