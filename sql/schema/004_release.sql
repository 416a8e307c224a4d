-- Candidates, releases, and what was made from what. PII: none, customers are keys.

CREATE SCHEMA candidates;
CREATE TABLE candidates.inputs AS FROM features.inputs LIMIT 0;
CREATE TABLE candidates.personality AS FROM features.personality LIMIT 0;
CREATE TABLE candidates.trajectories AS FROM features.trajectories LIMIT 0;
CREATE TABLE candidates.angles AS FROM features.angles LIMIT 0;
CREATE TABLE candidates.reasons AS FROM features.reasons LIMIT 0;
CREATE TABLE candidates.explanations AS FROM features.explanations LIMIT 0;
CREATE TABLE candidates.by_date AS FROM segments.by_date LIMIT 0;
CREATE TABLE candidates.summary AS FROM segments.summary LIMIT 0;
ALTER TABLE candidates.inputs SET PARTITIONED BY (as_of, window_name);
ALTER TABLE candidates.personality SET PARTITIONED BY (as_of, window_name);
ALTER TABLE candidates.trajectories SET PARTITIONED BY (as_of, window_name);
ALTER TABLE candidates.angles SET PARTITIONED BY (as_of, window_name);
ALTER TABLE candidates.reasons SET PARTITIONED BY (as_of, window_name);
ALTER TABLE candidates.explanations SET PARTITIONED BY (as_of, window_name);
ALTER TABLE candidates.by_date SET PARTITIONED BY (as_of);
COMMENT ON TABLE candidates.inputs IS 'Rows of features.inputs that wait for the gates; grain: that of features.inputs';
COMMENT ON TABLE candidates.personality IS 'Rows of features.personality that wait for the gates; grain: that of features.personality';
COMMENT ON TABLE candidates.trajectories IS 'Rows of features.trajectories that wait for the gates; grain: that of features.trajectories';
COMMENT ON TABLE candidates.angles IS 'Rows of features.angles that wait for the gates; grain: that of features.angles';
COMMENT ON TABLE candidates.reasons IS 'Rows of features.reasons that wait for the gates; grain: that of features.reasons';
COMMENT ON TABLE candidates.explanations IS 'Rows of features.explanations that wait for the gates; grain: that of features.explanations';
COMMENT ON TABLE candidates.summary IS 'Rows of segments.summary that wait for the gates; grain: as_of x segment';
COMMENT ON TABLE candidates.by_date IS 'Segments that wait for the gates; the release moves them to segments.by_date; grain: as_of x customer';

CREATE TABLE candidates.dates (
    as_of DATE, model_version VARCHAR, state VARCHAR, reason VARCHAR, made_from JSON, run_id VARCHAR,
    changed_at TIMESTAMPTZ
);
COMMENT ON TABLE candidates.dates IS 'Dates that are built and not released; grain: as_of';
COMMENT ON COLUMN candidates.dates.state IS 'built (not all gates asked yet), passed, or refused (a gate is closed)';

CREATE TABLE segments.releases (
    as_of DATE, model_version VARCHAR, reference_version VARCHAR, run_id VARCHAR, released_at TIMESTAMPTZ,
    announced_at TIMESTAMPTZ
);
COMMENT ON TABLE segments.releases IS 'What readers see of each date, and since when; grain: as_of';
COMMENT ON COLUMN segments.releases.announced_at IS 'When microseg.segments.published was sent; null where it was not';
INSERT INTO segments.releases (as_of, model_version, reference_version, released_at)
SELECT as_of, max(model_version), (SELECT max(content_hash) FROM ref.sets), now()
FROM segments.summary
GROUP BY as_of;

-- Groups below the minimum size must not be seen: names beyond the published depth go now, the rest with the next release.
UPDATE segments.by_date SET segment_2 = NULL WHERE depth < 2;
UPDATE segments.by_date SET segment_3 = NULL WHERE depth < 3;
UPDATE segments.by_date SET segment_4 = NULL WHERE depth < 4;
UPDATE segments.current SET segment_2 = NULL WHERE depth < 2;
UPDATE segments.current SET segment_3 = NULL WHERE depth < 3;
UPDATE segments.current SET segment_4 = NULL WHERE depth < 4;

DROP VIEW segments.transitions;
CREATE TABLE segments.transitions (
    as_of DATE, previous DATE, from_segment VARCHAR, to_segment VARCHAR, customers INTEGER
);
COMMENT ON TABLE segments.transitions IS 'Moves since the date published before, small groups left out; grain: as_of x from x to';

-- Before, provenance spoke of all loads at once: every date is made again when its turn comes.
DROP TABLE ops.provenance;
CREATE TABLE ops.provenance (as_of DATE, stage VARCHAR, made_from JSON, run_id VARCHAR, finished_at TIMESTAMPTZ);
COMMENT ON TABLE ops.provenance IS 'What a stage last wrote a date from, by name; grain: as_of x stage';
COMMENT ON COLUMN ops.provenance.made_from IS 'Versions by name: months, customers, model, reference, rule, code';

CREATE TABLE spend.months (month DATE, version VARCHAR, inputs VARCHAR, code VARCHAR, summed_at TIMESTAMPTZ);
COMMENT ON TABLE spend.months IS 'Version of each month of spend.monthly; grain: month';
COMMENT ON COLUMN spend.months.version IS 'Hash of the sums: equal sums have equal versions, whatever they were loaded from';
COMMENT ON COLUMN spend.months.inputs IS 'Hash of the loads that hold rows of the month, and of the code map: the gates look again when it changes';
COMMENT ON COLUMN spend.months.code IS 'Version of the code that summed it';

CREATE TABLE ops.gates (suite VARCHAR, subject VARCHAR, version VARCHAR, run_id VARCHAR, passed_at TIMESTAMPTZ);
COMMENT ON TABLE ops.gates IS 'What has passed which gate; grain: suite x subject';
COMMENT ON COLUMN ops.gates.subject IS 'A month or a business date';
COMMENT ON COLUMN ops.gates.version IS 'Hash of what was looked at and of the suite that looked';
