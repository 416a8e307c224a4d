-- Rows that still break a rule keep waiting where they are. Grain: rejected source row.
DELETE FROM staged WHERE fault IS NOT NULL
