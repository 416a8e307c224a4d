-- Neither ISO nor one of the formats of source.toml, or no day of the calendar.
-- A branch of the CASE that judges a typed row: `rule:field`.
WHEN has_date AND booked_on IS NULL THEN 'unparsable_date:booked_at'
