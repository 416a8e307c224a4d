-- What source files look like now, one list a column. Grain: file.
INSERT INTO ops.source_files (source, size, mtime_ns, inode, fingerprint)
SELECT
    unnest($source::VARCHAR[]), unnest($size::BIGINT[]), unnest($mtime_ns::BIGINT[]), unnest($inode::UBIGINT[]),
    unnest($fingerprint::VARCHAR[])
