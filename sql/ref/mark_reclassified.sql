-- Months in which the new mapping gives a row another class or kind. Grain: month.
INSERT INTO raw.stale_months
SELECT DISTINCT date_trunc('month', booked_on)::DATE, 'reference'
FROM raw.transactions AS held
LEFT JOIN new_codes AS code USING (source_code)
WHERE code.class_id IS DISTINCT FROM held.class_id OR row_kind(code.kind, held.amount) != held.kind
