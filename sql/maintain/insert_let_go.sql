-- What the releases were made from whose features go: late rows are told from it, and readers why there are no rows.
-- Grain: as_of. run_id: of the maintenance; finished_at: of the release, as before.
INSERT INTO ops.provenance (as_of, stage, made_from, run_id, finished_at)
SELECT released.as_of, 'let_go', coalesce(known.made_from, '{}'), $run_id, coalesce(known.finished_at, released.released_at)
FROM segments.releases AS released
LEFT JOIN (FROM ops.provenance WHERE stage = 'release') AS known USING (as_of)
WHERE released.as_of IN (SELECT as_of FROM letting_go)
    AND released.as_of NOT IN (SELECT as_of FROM ops.provenance WHERE stage = 'let_go')
