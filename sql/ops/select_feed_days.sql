-- What each feed delivered a day. Grain: feed x booking date with rows, from $first_day to before $after_day. PII: none,
-- counts. The bounds prune: only the files of these months are opened.
SELECT loads.feed, booked.booked_on, count(*)::BIGINT AS rows, count(DISTINCT booked.customer_key)::BIGINT AS customers
FROM raw.transactions AS booked
JOIN raw.loads AS loads ON loads.load_id = booked.load_id
WHERE booked.booked_on >= $first_day AND booked.booked_on < $after_day
    AND list_contains($feeds::VARCHAR[], loads.feed)
GROUP BY ALL
ORDER BY ALL
