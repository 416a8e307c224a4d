-- Takes the contested ids out of a table before their claims are settled anew. Grain: transaction id.
DELETE FROM {table}
WHERE transaction_id BETWEEN {lowest} AND {highest}
    AND transaction_id IN (SELECT transaction_id FROM contested)
    {condition}
