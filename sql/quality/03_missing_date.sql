-- Without a date a row belongs to no period. Grain: faulty row of `staged`.
SELECT row_number, 'booked_at' AS column_name
FROM staged
WHERE NOT has_date
