-- A corrected row speaks for itself: its former claim on an id no longer counts. Grain: source row.
UPDATE raw.duplicates
SET mended_load_id = $load_id
FROM corrected JOIN staged ON staged.row_number = corrected.microseg_row
WHERE raw.duplicates.load_id = corrected.load_id AND raw.duplicates.row_number = corrected.row_number
