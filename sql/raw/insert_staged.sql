-- One source, or several that are read together, in the contract's columns, typed and judged by the rules of
-- sql/quality/ in one pass. Grain: readable source row. place: of a source among those, from 0.
-- The expressions are those that warehouse/sources/expressions.py makes for the types that the source delivers.
INSERT INTO staged (
    source_number, row_number, transaction_id, customer_id, has_date, booked_on, has_amount, number, amount, currency,
    source_code, fault
)
SELECT
    $source_number + place, row_number, transaction_id, customer_id, has_date, booked_on, has_amount, number, amount, currency,
    source_code, {fault}
FROM (
    SELECT
        place,
        row_number,
        {transaction_id} AS transaction_id,
        {customer_id} AS customer_id,
        booked_at IS NOT NULL AS has_date,
        {booked_on} AS booked_on,
        delivered.amount IS NOT NULL AS has_amount,
        {number} AS number,
        {sign}({amount}) AS amount,
        {currency} AS currency,
        {source_code} AS source_code
    FROM (
        SELECT
            {place} AS place,
            microseg_row AS row_number,
            {delivered}
        FROM {relation} AS source
    ) AS delivered
) AS typed
