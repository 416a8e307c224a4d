-- The reference version that the champion was trained under. Grain: one row, none without a champion.
SELECT model_version, reference_hash FROM models.versions WHERE alias = 'champion'
