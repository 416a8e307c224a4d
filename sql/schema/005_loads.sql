-- Loads that are held back or withdrawn, rejects that are dismissed, and what source files looked like. PII: none.

ALTER TABLE raw.loads ADD COLUMN reason VARCHAR;
ALTER TABLE raw.loads ADD COLUMN withdrawn_at TIMESTAMPTZ;
ALTER TABLE raw.loads ADD COLUMN withdrawn_by VARCHAR;
COMMENT ON COLUMN raw.loads.status IS 'pending (its months are not summed yet), published, held (too many rejects, none of its rows is in), replaced by a newer version, or withdrawn';
COMMENT ON COLUMN raw.loads.rows_accepted IS 'Rows in raw.transactions; of a held load those that would be';
COMMENT ON COLUMN raw.loads.reason IS 'Why it is held or was withdrawn; never a value of a row';
COMMENT ON COLUMN raw.loads.withdrawn_by IS 'User of the system who withdrew it; null when a night did, because its source is gone';
-- The gate of earlier versions stood behind the rows: what waited at it has not been judged, and is in raw.transactions.
UPDATE raw.loads SET reason = 'not judged' WHERE status = 'pending';

ALTER TABLE raw.rejected ADD COLUMN dismissed_at TIMESTAMPTZ;
COMMENT ON COLUMN raw.rejected.dismissed_at IS 'When somebody gave it up for good; null while it waits';

ALTER TABLE raw.duplicates ADD COLUMN mended_load_id VARCHAR;
COMMENT ON COLUMN raw.duplicates.mended_load_id IS 'The load that put the mended row back, in place of this claim; null while the claim stands';

COMMENT ON COLUMN raw.customers.first_seen IS 'Earliest booking date of the rows that are in; null when none of the customer''s rows is in any more';

CREATE VIEW raw.loads_in_force AS SELECT * FROM raw.loads WHERE status IN ('pending', 'published');
COMMENT ON VIEW raw.loads_in_force IS 'Loads whose rows are in raw.transactions; grain: source';

CREATE VIEW raw.rejects_waiting AS
SELECT *
FROM raw.rejected
WHERE replayed_load_id IS NULL AND dismissed_at IS NULL
    AND load_id NOT IN (SELECT load_id FROM raw.loads WHERE status = 'held');
COMMENT ON VIEW raw.rejects_waiting IS 'Rows of the quarantine that a replay can put back; those of a held load come in with their source; grain: rejected source row';

CREATE TABLE ops.source_files (source VARCHAR, size BIGINT, mtime_ns BIGINT, inode UBIGINT, fingerprint VARCHAR);
COMMENT ON TABLE ops.source_files IS 'What a source file looked like when it was last read, so that an unchanged one is not read again; grain: file';

COMMENT ON COLUMN ops.backfill.status IS 'requested, running, succeeded, failed or dismissed';
