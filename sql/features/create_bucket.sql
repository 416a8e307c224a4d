-- Some customers of `inputs`, to be computed together. Grain: customer.
CREATE OR REPLACE TEMP TABLE bucket AS
FROM inputs WHERE customer_key BETWEEN $1 AND $2
