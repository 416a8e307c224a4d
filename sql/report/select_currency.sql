-- The currency of the rows from $first_day to before $after_day: the contract lets in no second one. Grain: one row or none.
SELECT currency
FROM raw.transactions
WHERE booked_on >= $first_day AND booked_on < $after_day
LIMIT 1
