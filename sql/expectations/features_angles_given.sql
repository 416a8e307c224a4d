-- Determined directions without an angle. Grain: row of the batch.
SELECT radius FROM batch WHERE determined AND (azimuth IS NULL OR polar IS NULL)
