-- After the day the row was received.
-- The field at fault, or null; of a typed row.
CASE WHEN booked_on > $received_on THEN 'booked_at' END
