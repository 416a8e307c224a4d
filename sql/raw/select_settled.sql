-- Versions of sources that need no second look: those that are in, those that somebody withdrew, and held ones that
-- $limit would hold again. Conflicts depend on other loads: what is held for them alone is tried again.
-- Grain: version of a source.
SELECT load_id, status
FROM raw.loads
WHERE status IN ('pending', 'published')
    OR (status = 'withdrawn' AND withdrawn_by IS NOT NULL)
    OR (
        status = 'held'
        AND rows_read * $limit < (
            SELECT count(*)
            FROM raw.rejected
            WHERE raw.rejected.load_id = raw.loads.load_id AND reason != 'duplicate_id_with_other_content'
        )
    )
