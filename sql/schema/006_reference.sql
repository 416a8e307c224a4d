-- Versions of the reference set: whole, so that models and published dates keep speaking of the classes they were made
-- with, and a roll-back finds them again. PII: none.

ALTER TABLE ref.sets RENAME COLUMN content_hash TO reference_version;
COMMENT ON TABLE ref.sets IS 'The active version of the reference set, the champion''s; grain: one row';
COMMENT ON COLUMN ref.sets.reference_version IS 'SHA-256 of what counts: classes, codes, coefficients, window; warehouses of before: of the files, until the next run';

CREATE TABLE ref.versions (reference_version VARCHAR, reference VARCHAR, content JSON, recorded_at TIMESTAMPTZ);
COMMENT ON TABLE ref.versions IS 'Every version of a reference set that a model was trained under, whole; grain: version';
COMMENT ON COLUMN ref.versions.content IS 'Classes, codes and coefficients with their labels; not the contract, which is read from disk';

CREATE VIEW ref.class_versions AS
SELECT
    reference_version,
    (class->>'$[0]')::SMALLINT AS class_id,
    class->>'$[1]' AS code,
    class->>'$[2]' AS label,
    class->>'$[3]' AS class_group
FROM (SELECT reference_version, unnest(content->'$.classes[*]') AS class FROM ref.versions);
COMMENT ON VIEW ref.class_versions IS 'Classes of every version, for dates published under an older one; grain: version x class';

CREATE TABLE candidates.by_period AS SELECT *, NULL::VARCHAR AS reference_version FROM spend.by_period LIMIT 0;
ALTER TABLE candidates.by_period SET PARTITIONED BY (as_of, window_name);
COMMENT ON TABLE candidates.by_period IS 'spend.by_period of a date under a version that is not active; grain: as_of x window x customer x step x class';
