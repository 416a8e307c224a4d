-- Ids that are settled anew because $replaced leave: those they held while other claims remain, and those whose claims
-- they had corrected. Grain: transaction id x leaving load. $first_day and $after_day bound the months of the loads.
CREATE OR REPLACE TEMP TABLE released AS
SELECT held.transaction_id, held.load_id AS replaced
FROM raw.transactions AS held
JOIN raw.duplicates AS waiting USING (transaction_id)
WHERE list_contains($replaced::VARCHAR[], held.load_id)
    AND held.booked_on >= $first_day AND held.booked_on < $after_day
    AND NOT list_contains($replaced::VARCHAR[], waiting.load_id) AND waiting.mended_load_id IS NULL
UNION
SELECT transaction_id, mended_load_id FROM raw.duplicates WHERE list_contains($replaced::VARCHAR[], mended_load_id)
