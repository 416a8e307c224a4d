-- Replays that put corrected rows of a load back, which stay when it leaves. Grain: load.
SELECT DISTINCT replayed_load_id FROM raw.rejected WHERE load_id = $load_id AND replayed_load_id IS NOT NULL ORDER BY ALL
