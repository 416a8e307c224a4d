-- Whether a row that is in has an id between the lowest and the highest of the batch: seldom where ids grow with time,
-- and then none of them has to be compared. The rows of $replaced leave, and contest nothing. Grain: one row.
SELECT EXISTS (
    FROM raw.transactions
    WHERE transaction_id BETWEEN {lowest} AND {highest} AND NOT list_contains($replaced::VARCHAR[], load_id)
)
