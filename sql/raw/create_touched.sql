-- Months whose sums this load changes. Grain: month.
CREATE OR REPLACE TEMP TABLE touched AS
SELECT date_trunc('month', booked_on)::DATE AS month
FROM (SELECT DISTINCT booked_on FROM staged ANTI JOIN faults USING (row_number))
UNION
SELECT date_trunc('month', booked_on)::DATE FROM claims
