-- Business dates whose daily rows go now. Grain: as_of.
-- Kept: $keep_days before the newest published date, month ends, dates that the runs in $at_work are made for or are
-- rebuilding, candidates that they wait for, and the date of the newest change of champion, which its run may have to
-- finish.
CREATE OR REPLACE TEMP TABLE letting_go AS
WITH newest AS (
    SELECT max(as_of) AS as_of FROM (SELECT as_of FROM segments.releases UNION ALL SELECT as_of FROM segments.current)
),
made AS (
    SELECT as_of FROM ops.provenance WHERE stage IN ('periods', 'release')
    UNION
    SELECT as_of FROM features.inputs
    UNION
    SELECT as_of FROM candidates.dates
),
needed AS (
    SELECT as_of FROM ops.runs WHERE list_contains($at_work::VARCHAR[], run_id)
    UNION ALL
    SELECT as_of
    FROM ops.backfill
    WHERE list_contains($at_work::VARCHAR[], run_id) AND status IN ('requested', 'running')
    UNION ALL
    SELECT as_of FROM candidates.dates WHERE list_contains($at_work::VARCHAR[], run_id)
    UNION ALL
    SELECT arg_max(as_of, decided_at) FROM models.promotions WHERE action IN ('first', 'promoted', 'rolled_back')
)
SELECT made.as_of
FROM made
CROSS JOIN newest
WHERE made.as_of < newest.as_of - $keep_days::INTEGER
    AND made.as_of != last_day(made.as_of)
    AND NOT EXISTS (FROM needed WHERE needed.as_of = made.as_of)
