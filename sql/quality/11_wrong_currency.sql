-- Amounts of different currencies must not be added.
-- A branch of the CASE that judges a typed row: `rule:field`.
WHEN currency IS DISTINCT FROM $currency THEN 'wrong_currency:currency'
