-- After the day the row was received. Grain: faulty row of `staged`.
SELECT row_number, 'booked_at' AS column_name
FROM staged
WHERE booked_on > $received_on
