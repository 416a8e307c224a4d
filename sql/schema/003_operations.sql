-- Backfills, promotions and drift. PII: none.

CREATE TABLE ops.backfill (
    run_id VARCHAR, as_of DATE, stages VARCHAR, status VARCHAR, rows BIGINT, checksum VARCHAR, message VARCHAR,
    requested_at TIMESTAMPTZ, started_at TIMESTAMPTZ, finished_at TIMESTAMPTZ
);
COMMENT ON TABLE ops.backfill IS 'Windows of backfills; grain: run x business date';
COMMENT ON COLUMN ops.backfill.status IS 'requested, running, succeeded, failed or skipped';
COMMENT ON COLUMN ops.backfill.checksum IS 'Of the segments of the date, whatever order their rows have';

CREATE TABLE models.promotions (
    model_version VARCHAR, previous_version VARCHAR, action VARCHAR, as_of DATE, reason VARCHAR, run_id VARCHAR,
    decided_at TIMESTAMPTZ
);
COMMENT ON TABLE models.promotions IS 'Who became champion when and why, roll-backs included; grain: decision';
COMMENT ON COLUMN models.promotions.action IS 'first, promoted, refused or rolled_back';

CREATE TABLE models.baselines (model_version VARCHAR, measure VARCHAR, bin VARCHAR, part DOUBLE);
COMMENT ON TABLE models.baselines IS 'Distributions on the data a model was trained on; grain: model x measure x bin';

CREATE TABLE ops.drift (
    run_id VARCHAR, as_of DATE, model_version VARCHAR, measure VARCHAR, value DOUBLE, level VARCHAR, checked_at TIMESTAMPTZ
);
COMMENT ON TABLE ops.drift IS 'Distance of a date''s distributions from the champion''s baseline; grain: run x measure';
COMMENT ON COLUMN ops.drift.value IS 'Population stability index, or a difference of parts for coverage and unclassified';
COMMENT ON COLUMN ops.drift.level IS 'steady, warning or critical';
