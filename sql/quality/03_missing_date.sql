-- Without a date a row belongs to no period.
-- A branch of the CASE that judges a typed row: `rule:field`.
WHEN NOT has_date THEN 'missing_date:booked_at'
