-- A mended row speaks for itself: its former claim on an id no longer counts. Grain: source row.
UPDATE raw.duplicates
SET mended_load_id = $load_id
FROM mended JOIN staged ON staged.row_number = mended.microseg_row
WHERE raw.duplicates.load_id = mended.load_id AND raw.duplicates.row_number = mended.row_number
