-- Takes out exactly the rows of the replaced versions. Grain: source row.
-- $first_day and $after_day bound their months, so that the files of other months are not opened.
DELETE FROM raw.transactions
WHERE list_contains($replaced::VARCHAR[], load_id) AND booked_on >= $first_day AND booked_on < $after_day
