-- Before [date] earliest of source.toml: a default like 0001-01-01, not a booking.
-- The field at fault, or null; of a typed row.
CASE WHEN booked_on < $earliest THEN 'booked_at' END
