-- The rows of a PostgreSQL query, kept for the length of one load so that its rejected rows can be quoted whole.
CREATE OR REPLACE TEMP TABLE fetched AS
SELECT *, row_number() OVER () AS microseg_row
FROM postgres_query('source_database', {sql})
