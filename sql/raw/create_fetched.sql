-- The rows of a CSV or of a PostgreSQL query, kept for the length of one load: a second reading need not be the same.
-- Grain: readable source row. PII: temporary.
CREATE OR REPLACE TEMP TABLE fetched AS
SELECT *, row_number() OVER () AS microseg_row
FROM {relation}
