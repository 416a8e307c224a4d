-- The sources whose rows enter, as a machine without the ledger knows them. Grain: version of a source.
CREATE TEMP TABLE batch AS
SELECT unnest($source_number::INTEGER[]) AS source_number, unnest($load_id::VARCHAR[]) AS load_id
