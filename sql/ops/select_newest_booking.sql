-- Newest booking date before $after_day, and not before $first_day. Grain: one row.
SELECT max(booked_on) FROM raw.transactions WHERE booked_on >= $first_day AND booked_on < $after_day
