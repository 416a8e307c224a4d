-- Without a date a row belongs to no period.
-- The field at fault, or null; of a typed row.
CASE WHEN NOT has_date THEN 'booked_at' END
