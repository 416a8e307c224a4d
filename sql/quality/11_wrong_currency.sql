-- Amounts of different currencies must not be added.
-- The field at fault, or null; of a typed row.
CASE WHEN currency IS DISTINCT FROM $currency THEN 'currency' END
