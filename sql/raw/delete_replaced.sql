-- Takes out exactly the rows of the replaced version. Grain: source row.
-- $first_day and $after_day bound its months, so that the files of other months are not opened.
DELETE FROM raw.transactions
WHERE load_id = $replaced AND booked_on >= $first_day AND booked_on < $after_day
