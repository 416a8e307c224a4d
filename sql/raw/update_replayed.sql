-- Notes which rejected rows a replay puts back. Grain: source row.
UPDATE raw.rejected
SET replayed_load_id = $load_id
FROM mended JOIN staged ON staged.row_number = mended.microseg_row
WHERE raw.rejected.load_id = mended.load_id AND raw.rejected.row_number = mended.row_number
