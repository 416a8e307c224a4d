-- Newest booking date from $first_day to before $after_day of feeds that have been silent for long, and so for them
-- alone: it reads all months. Grain: feed with rows.
SELECT loads.feed, max(booked.booked_on)
FROM raw.transactions AS booked
JOIN raw.loads AS loads ON loads.load_id = booked.load_id
WHERE booked.booked_on >= $first_day AND booked.booked_on < $after_day
    AND list_contains($feeds::VARCHAR[], loads.feed)
GROUP BY loads.feed
