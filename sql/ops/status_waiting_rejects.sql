-- Rows in quarantine that nobody has mended. Grain: reason.
SELECT reason, count(*) || ' rows' FROM raw.rejected WHERE replayed_load_id IS NULL GROUP BY reason ORDER BY count(*) DESC, reason
