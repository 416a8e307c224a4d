-- One customer's spells in a segment. Grain: spell; valid_to is exclusive and null for the newest.
SELECT segment, valid_from, valid_to
FROM segments.history
WHERE customer_key = $customer_key
ORDER BY valid_from
