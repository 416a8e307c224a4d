-- Classes whose customers or amounts in one step differ from the rows that the version's codes put there. The codes come
-- from the version as it is kept, not from the table that the sums were made with. Grain: class, each side once.
-- Units: currency.
WITH codes AS (
    SELECT code->>'$[0]' AS source_code, (code->>'$[1]')::SMALLINT AS class_id
    FROM (SELECT unnest(content->'$.codes[*]') AS code FROM ref.versions WHERE reference_version = {version})
),
derived AS (
    SELECT customer_key, codes.class_id, sum(amount)::DECIMAL(18, 2) AS amount
    FROM raw.transactions
    JOIN codes USING (source_code)
    WHERE booked_on >= {start}::DATE AND booked_on < {end}::DATE AND codes.class_id IS NOT NULL
    GROUP BY customer_key, codes.class_id
    HAVING sum(amount) > 0
),
expected AS (
    SELECT class_id, sum(amount), count(*), bit_xor(hash(customer_key, amount)) FROM derived GROUP BY class_id
),
stored AS (
    SELECT class_id, sum(amount), count(*), bit_xor(hash(customer_key, amount))
    FROM batch
    WHERE window_name = {window} AND step = {step}
    GROUP BY class_id
)
(FROM expected EXCEPT FROM stored)
UNION ALL
(FROM stored EXCEPT FROM expected)
