-- Feeds that are dead: silent for more than $max_silence days by the last night that was due. Grain: feed.
-- The days since the newest night count as silent: nothing has been loaded since. Dates run by hand are in no night.
SELECT feed, 'newest booking ' || newest_booking || ', ' || silent || ' days without the usual rows'
FROM (SELECT *, silent_days + greatest(date_diff('day', as_of, $last_night::DATE), 0) AS silent FROM ops.feeds)
WHERE newest_booking IS NOT NULL AND silent > $max_silence
ORDER BY feed
