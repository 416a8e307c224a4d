-- What the sources of the batch bring: their rows without a fault. Grain: row.
CREATE OR REPLACE TEMP VIEW batch_rows AS
SELECT * EXCLUDE fault
FROM staged
WHERE fault IS NULL AND source_number IN ({numbers})
