-- Stale months go whole, so that what vanished from the source vanishes here too. Grain: month.
-- $first_day and $after_day bound them, so that the files of other months are not opened.
DELETE FROM spend.monthly
WHERE month >= $first_day AND month < $after_day AND month IN (SELECT month FROM stale)
