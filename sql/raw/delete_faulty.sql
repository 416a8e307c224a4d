-- Rows that still break a rule keep waiting where they are. Grain: rejected source row.
DELETE FROM staged WHERE row_number IN (SELECT row_number FROM faults);
DELETE FROM faults
