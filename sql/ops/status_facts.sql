-- Where the warehouse stands. Grain: one row. PII: none.
SELECT
    (SELECT max(as_of) FROM segments.current) AS current_as_of,
    (SELECT count(*) FROM segments.current) AS current_customers,
    (
        SELECT strftime(timezone($zone, max(finished_at)), '%Y-%m-%d %H:%M ') || $zone
        FROM ops.runs
        WHERE flow = 'nightly' AND status = 'succeeded'
    ) AS last_night,
    (SELECT model_version FROM models.versions WHERE alias = 'champion') AS champion,
    (SELECT as_of FROM models.versions WHERE alias = 'champion') AS champion_as_of,
    (SELECT max(booked_on) FROM raw.transactions) AS newest_booking,
    (
        SELECT flow
        FROM ops.runs
        WHERE status = 'running' AND NOT list_contains($killed::VARCHAR[], run_id)
        ORDER BY started_at DESC
        LIMIT 1
    ) AS running,
    (
        SELECT strftime(timezone($zone, max(finished_at)), '%Y-%m-%d %H:%M ') || $zone
        FROM ops.runs
        WHERE flow = 'maintain' AND status = 'succeeded'
    ) AS maintained,
    (SELECT count(DISTINCT as_of) FROM ops.provenance WHERE stage = 'let_go') AS gone
