-- Less than half a cent: nothing was spent or received. Grain: faulty row of `staged`.
SELECT row_number, 'amount' AS column_name
FROM staged
WHERE amount = 0
