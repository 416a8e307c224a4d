-- What is told of rows that lie in files: to be filled by sql/units/insert_summaries.sql. Grain: source x customer, x month
-- (its first day), x code; source for the lowest and the highest id, and whether an id is repeated in all that was staged.
-- customer_key: what the rows were written with, which may not be what the customer gets in the end.
-- listed_customers: those of a source that is looked at in advance, numbered among all of a load. PII: customer_id (temporary).
CREATE OR REPLACE TEMP TABLE staged_customers (source_number INTEGER, customer_id VARCHAR, first_seen DATE, customer_key INTEGER);
CREATE OR REPLACE TEMP TABLE staged_days (source_number INTEGER, day DATE);
CREATE OR REPLACE TEMP TABLE staged_codes (source_number INTEGER, source_code VARCHAR, rows BIGINT);
CREATE OR REPLACE TEMP TABLE staged_ids (source_number INTEGER, lowest VARCHAR, highest VARCHAR, repeated BOOLEAN);
CREATE OR REPLACE TEMP TABLE listed_customers (source_number INTEGER, customer_id VARCHAR)
