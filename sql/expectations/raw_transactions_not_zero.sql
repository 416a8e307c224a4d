-- Amounts of zero: nothing was spent or received. Grain: transaction.
SELECT amount FROM batch WHERE amount = 0
