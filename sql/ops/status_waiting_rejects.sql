-- Rows in quarantine that nobody has corrected or dismissed. Grain: reason.
SELECT reason, count(*) || ' rows' FROM raw.rejects_waiting GROUP BY reason ORDER BY count(*) DESC, reason
