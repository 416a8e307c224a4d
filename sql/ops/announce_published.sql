-- What `microseg.segments.published` tells. Grain: one row. PII: none.
SELECT
    $as_of::VARCHAR AS as_of,
    (SELECT coalesce(max(model_version), '') FROM segments.by_date WHERE as_of = $as_of) AS model_version,
    (SELECT id FROM ducklake_current_snapshot('lake')) AS snapshot_id,
    (SELECT count(*) FROM segments.by_date WHERE as_of = $as_of) AS customers,
    (SELECT count(*) FROM segments.summary WHERE as_of = $as_of) AS segments,
    (SELECT count(*) FROM segments.by_date WHERE as_of = $as_of AND depth > 0) AS segmented
