-- Files that were written since the last seal. Grain: file.
INSERT INTO ops.files (path, bytes, sha256, sealed_at)
SELECT path, bytes, sha256, now()
FROM (SELECT unnest($paths::VARCHAR[]) AS path, unnest($bytes::BIGINT[]) AS bytes, unnest($digests::VARCHAR[]) AS sha256)
