-- Releases whose Parquet files are to be had: not of the dates that retention has let go of. Grain: as_of.
SELECT as_of::VARCHAR, model_version, released_at::VARCHAR
FROM segments.releases
WHERE as_of NOT IN (SELECT as_of FROM ops.provenance WHERE stage = 'let_go')
ORDER BY as_of
