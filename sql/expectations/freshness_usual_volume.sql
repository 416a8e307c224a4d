-- Feeds with a day shortly before as_of that is unlike others of its weekday. Grain: feed.
SELECT feed FROM batch WHERE unusual_days > 0
