-- Loads that run at once would each take the other's rows for absent, and dates the periods that they share: writing this
-- one row makes the second commit fail and try again, on catalogs that let two inserts pass side by side. Grain: one row.
UPDATE ops.turn SET taken_by = $load_id
