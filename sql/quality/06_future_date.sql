-- After the day the row was received.
-- A branch of the CASE that judges a typed row: `rule:field`.
WHEN booked_on > $received_on THEN 'future_date:booked_at'
