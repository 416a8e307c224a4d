-- A load that is held back touches no month.
CREATE OR REPLACE TEMP TABLE touched (load_id VARCHAR, month DATE)
