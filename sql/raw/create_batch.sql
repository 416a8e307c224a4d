-- The sources that one transaction writes, one list a column. Grain: version of a source.
-- replaced: the load whose rows go, the earlier version of the source or the one that is withdrawn; null where none does.
-- rows_faulty: those that break a rule or are no rows; conflicts about ids come on top.
CREATE OR REPLACE TEMP TABLE batch AS
SELECT
    unnest($source_number::INTEGER[]) AS source_number,
    unnest($load_id::VARCHAR[]) AS load_id,
    unnest($source::VARCHAR[]) AS source,
    unnest($fingerprint::VARCHAR[]) AS fingerprint,
    unnest($replaced::VARCHAR[]) AS replaced,
    unnest($rows_read::BIGINT[]) AS rows_read,
    unnest($rows_faulty::BIGINT[]) AS rows_faulty,
    unnest($started_at::TIMESTAMPTZ[]) AS started_at
