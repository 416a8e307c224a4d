-- What source files looked like when they were last read. Grain: file.
SELECT source, size, mtime_ns, inode, fingerprint FROM ops.source_files
