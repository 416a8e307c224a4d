-- Feeds whose silence is of one level. Grain: feed.
SELECT feed FROM batch WHERE level = '{level}'
