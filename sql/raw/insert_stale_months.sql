-- Marks the touched months for aggregate. Grain: month.
INSERT INTO raw.stale_months
SELECT DISTINCT month, $load_id FROM touched
