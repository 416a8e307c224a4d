-- Ids whose holder leaves with the replaced version of this source while other claims remain. Grain: transaction id.
-- $first_day and $after_day bound the months of the replaced load.
CREATE OR REPLACE TEMP TABLE released AS
SELECT DISTINCT held.transaction_id
FROM raw.transactions AS held
JOIN raw.duplicates AS waiting USING (transaction_id)
WHERE held.load_id = $replaced AND held.booked_on >= $first_day AND held.booked_on < $after_day
    AND waiting.load_id != $replaced
