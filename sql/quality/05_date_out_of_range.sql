-- Before [date] earliest of source.toml: a default like 0001-01-01, not a booking.
-- A branch of the CASE that judges a typed row: `rule:field`.
WHEN booked_on < $earliest THEN 'date_out_of_range:booked_at'
