-- The currency of the rows of a day: the contract lets in no second one. Grain: one row or none.
SELECT currency FROM raw.transactions WHERE booked_on = $day LIMIT 1
