-- Which feed a load came by, and how fresh each feed was on each business date. PII: none.

ALTER TABLE raw.loads ADD COLUMN feed VARCHAR;
COMMENT ON COLUMN raw.loads.feed IS 'Entry of MICROSEG_SOURCE that names the source, without secrets; null: named by none since feeds are kept';

CREATE TABLE ops.freshness (
    run_id VARCHAR, as_of DATE, feed VARCHAR, newest_booking DATE, silent_days INTEGER, level VARCHAR,
    unusual_days INTEGER, remark VARCHAR, checked_at TIMESTAMPTZ
);
COMMENT ON TABLE ops.freshness IS 'What each feed of MICROSEG_SOURCE had delivered up to a business date; grain: run x as_of x feed';
COMMENT ON COLUMN ops.freshness.newest_booking IS 'Newest booking date up to as_of; null: no row yet, so no verdict';
COMMENT ON COLUMN ops.freshness.silent_days IS 'Days after the last one with the usual rows, as_of included; weekdays without rows as a rule do not count';
COMMENT ON COLUMN ops.freshness.level IS 'fresh, warning, critical, or unjudged (no row yet)';
COMMENT ON COLUMN ops.freshness.unusual_days IS 'Days shortly before as_of whose rows or customers lie outside of the weekday''s usual range';

CREATE VIEW ops.feeds AS
SELECT feed, as_of, newest_booking, silent_days, level, unusual_days, remark
FROM ops.freshness
WHERE run_id = (
    SELECT run_id
    FROM ops.runs
    WHERE flow = 'nightly' AND abs(date_diff('day', as_of, started_at::DATE)) <= 1
        AND run_id IN (SELECT run_id FROM ops.freshness)
    ORDER BY started_at DESC, run_id
    LIMIT 1
);
COMMENT ON VIEW ops.feeds IS 'The feeds as the newest run made for its own day found them; grain: feed';
