-- Class and kind of every code, read from the lake once a load. Grain: code.
CREATE OR REPLACE TEMP TABLE codes AS
SELECT source_code, class_id, kind FROM ref.source_codes
