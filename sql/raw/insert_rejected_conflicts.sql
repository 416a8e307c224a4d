-- Claims whose content differs from the holder's. Grain: source row. PII: row_text, as everywhere in the quarantine.
INSERT INTO raw.rejected
SELECT
    claims.load_id,
    claims.row_number,
    claims.transaction_id,
    'duplicate_id_with_other_content',
    'transaction_id',
    to_json({fields}),
    now(),
    NULL
FROM claims
JOIN raw.customers AS known USING (customer_key)
WHERE claims.position > 1 AND claims.conflict
