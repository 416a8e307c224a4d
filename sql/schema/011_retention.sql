-- Segments stay for ever while features are let go of: one file a date would be thousands. PII: none.

-- A night still writes a file of its own date alone; maintenance merges the months that are over.
ALTER TABLE segments.by_date SET PARTITIONED BY (year(as_of), month(as_of));
COMMENT ON COLUMN ops.provenance.stage IS 'periods, release, or let_go: what the release was made from whose features retention removed';
