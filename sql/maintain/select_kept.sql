-- Of the dates asked for: the newest published one, and which ones have been let go of. Grain: one row.
SELECT
    (
        SELECT max(as_of) FROM (SELECT as_of FROM segments.releases UNION ALL SELECT as_of FROM segments.current)
    ),
    (SELECT coalesce(list(as_of ORDER BY as_of), []) FROM ops.provenance WHERE stage = 'let_go')
