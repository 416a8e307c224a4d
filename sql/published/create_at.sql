-- The tables that published views read, as they end at a date, in a catalog of their own that holds no row.
-- Grain: that of each table. PII: raw.customers knows customer_id.
ATTACH ':memory:' AS {catalog};
CREATE SCHEMA {catalog}.segments;
CREATE SCHEMA {catalog}.features;
CREATE SCHEMA {catalog}.ref;
CREATE SCHEMA {catalog}.raw;
CREATE SCHEMA {catalog}.published;
CREATE SCHEMA {catalog}.published_with_ids;
CREATE VIEW {catalog}.segments.published AS FROM lake.segments.published WHERE as_of <= DATE '{day}';
CREATE VIEW {catalog}.segments.by_date AS FROM lake.segments.by_date WHERE as_of <= DATE '{day}';
CREATE VIEW {catalog}.segments.summary AS FROM lake.segments.summary WHERE as_of <= DATE '{day}';
CREATE VIEW {catalog}.segments.transitions AS FROM lake.segments.transitions WHERE as_of <= DATE '{day}';
CREATE VIEW {catalog}.features.reasons AS FROM lake.features.reasons WHERE as_of <= DATE '{day}';
CREATE VIEW {catalog}.features.angles AS FROM lake.features.angles WHERE as_of <= DATE '{day}';
CREATE VIEW {catalog}.features.trajectories AS FROM lake.features.trajectories WHERE as_of <= DATE '{day}';
CREATE VIEW {catalog}.features.personality AS FROM lake.features.personality WHERE as_of <= DATE '{day}';
CREATE VIEW {catalog}.ref.class_versions AS FROM lake.ref.class_versions;
CREATE VIEW {catalog}.ref.classes AS FROM lake.ref.classes;
CREATE VIEW {catalog}.raw.customers AS FROM lake.raw.customers
