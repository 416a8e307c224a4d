-- When files were last written to, by the clock of the machine that keeps them. Grain: file.
SELECT filename, last_modified::TIMESTAMPTZ AS written_at FROM read_blob($places::VARCHAR[])
