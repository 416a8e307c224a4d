-- One source in the contract's columns, typed. Grain: readable source row. PII: customer_id (temporary, never written).
-- The expressions are those that warehouse/sources/staging.py makes for the types that the source delivers.
CREATE OR REPLACE TEMP TABLE staged AS
SELECT
    microseg_row AS row_number,
    {transaction_id} AS transaction_id,
    {customer_id} AS customer_id,
    {has_date} AS has_date,
    {booked_on} AS booked_on,
    {has_amount} AS has_amount,
    {number} AS number,
    {sign}({amount}) AS amount,
    {currency} AS currency,
    {source_code} AS source_code
FROM {relation} AS source
