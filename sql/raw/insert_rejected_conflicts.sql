-- Claims whose content differs from the holder's. Grain: source row. PII: row_text, as everywhere in the quarantine.
INSERT INTO raw.rejected (
    load_id, row_number, transaction_id, reason, column_name, row_text, rejected_at, dismissed_at
)
SELECT
    claims.load_id,
    claims.row_number,
    claims.transaction_id,
    'duplicate_id_with_other_content',
    'transaction_id',
    to_json({fields}),
    now(),
    dismissed.dismissed_at
FROM claims
LEFT JOIN dismissed ON dismissed.load_id = claims.load_id AND dismissed.row_number = claims.row_number
WHERE claims.position > 1 AND claims.conflict
