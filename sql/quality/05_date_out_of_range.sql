-- Before [date] earliest of source.toml: a default like 0001-01-01, not a booking. Grain: faulty row of `staged`.
SELECT row_number, 'booked_at' AS column_name
FROM staged
WHERE booked_on < $earliest
