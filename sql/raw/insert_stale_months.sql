-- Months whose sums this load changes, its replaced version's included. Grain: month.
INSERT INTO raw.stale_months
SELECT date_trunc('month', booked_on)::DATE, $load_id
FROM (SELECT DISTINCT booked_on FROM staged ANTI JOIN faults USING (row_number))
UNION
SELECT DISTINCT date_trunc('month', booked_on)::DATE, $load_id FROM claims
UNION
SELECT unnest(months_touched), $load_id FROM raw.loads WHERE load_id = $replaced
