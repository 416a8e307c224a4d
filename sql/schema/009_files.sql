-- What the data files of the tables looked like when they were written. PII: none.

CREATE TABLE ops.files (path VARCHAR, bytes BIGINT, sha256 VARCHAR, sealed_at TIMESTAMPTZ);
COMMENT ON TABLE ops.files IS 'Checksum of each data file, taken at the end of the run that wrote it; lies in the catalog itself; grain: file';
COMMENT ON COLUMN ops.files.path IS 'Below the data path; as a whole where the catalog has it so';
