-- A mended row speaks for itself: its former claim on an id is withdrawn. Grain: source row.
DELETE FROM raw.duplicates
WHERE (load_id, row_number) IN (
    SELECT (mended.load_id, mended.row_number) FROM mended JOIN staged ON staged.row_number = mended.microseg_row
)
