-- Spending that no class would count, or an unknown code with a class. Grain: transaction.
SELECT kind
FROM batch
WHERE (kind IN ('spend', 'refund', 'fee') AND class_id IS NULL) OR (kind = 'unclassified' AND class_id IS NOT NULL)
