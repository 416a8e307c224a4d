-- Notes which rejected rows a replay puts back. Grain: source row.
UPDATE raw.rejected
SET replayed_load_id = $load_id
FROM corrected JOIN staged ON staged.row_number = corrected.microseg_row
WHERE raw.rejected.load_id = corrected.load_id AND raw.rejected.row_number = corrected.row_number
