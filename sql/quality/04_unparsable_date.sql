-- Neither ISO nor one of the formats of source.toml, or no day of the calendar.
-- The field at fault, or null; of a typed row.
CASE WHEN has_date AND booked_on IS NULL THEN 'booked_at' END
