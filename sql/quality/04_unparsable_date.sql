-- Neither ISO nor one of the formats of source.toml, or no day of the calendar. Grain: faulty row of `staged`.
SELECT row_number, 'booked_at' AS column_name
FROM staged
WHERE has_date AND booked_on IS NULL
