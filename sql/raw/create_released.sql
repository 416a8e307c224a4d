-- Ids that are settled anew because $replaced leaves: those it held while other claims remain, and those whose claims
-- it had corrected. Grain: transaction id. $first_day and $after_day bound the months of the load.
CREATE OR REPLACE TEMP TABLE released AS
SELECT held.transaction_id
FROM raw.transactions AS held
JOIN raw.duplicates AS waiting USING (transaction_id)
WHERE held.load_id = $replaced AND held.booked_on >= $first_day AND held.booked_on < $after_day
    AND waiting.load_id != $replaced AND waiting.mended_load_id IS NULL
UNION
SELECT transaction_id FROM raw.duplicates WHERE mended_load_id = $replaced
