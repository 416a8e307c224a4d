-- The contracts in the catalog: DuckLake takes a comment on a view, none on a column of one. Literals, so that no data
-- file has to be kept. Grain: view x column. PII: none.
CREATE OR REPLACE VIEW published.dictionary AS
SELECT *
FROM (VALUES {rows}) AS columns (
    schema_name, view_name, position, column_name, type, unit, meaning, allowed, pii, required, contract_version
)
