-- Marks the touched months for aggregate. Grain: month x load.
INSERT INTO raw.stale_months (month, load_id)
SELECT DISTINCT month, load_id FROM touched
