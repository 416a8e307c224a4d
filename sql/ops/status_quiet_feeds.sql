-- Feeds beyond half of their limit, or with days unlike others of their weekday. Grain: feed.
-- The days since the newest night count as silent: nothing has been loaded since. Dates run by hand are in no night.
SELECT
    feed,
    concat_ws('; ', 'newest booking ' || newest_booking,
        CASE WHEN silent > greatest(1, $max_silence / 2) THEN silent || ' days without the usual rows' END,
        nullif(remark, ''))
FROM (SELECT *, silent_days + greatest(date_diff('day', as_of, $last_night::DATE), 0) AS silent FROM ops.feeds)
WHERE newest_booking IS NOT NULL AND silent <= $max_silence
    AND (silent > greatest(1, $max_silence / 2) OR unusual_days > 0)
ORDER BY feed
