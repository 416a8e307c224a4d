-- Gives accepted rows the class and kind of the new mapping. Grain: transaction.
UPDATE {table} AS held
SET class_id = mapped.class_id, kind = mapped.kind
FROM (
    SELECT load_id, row_number, code.class_id, row_kind(code.kind, held.amount) AS kind
    FROM {table} AS held
    LEFT JOIN new_codes AS code USING (source_code)
    WHERE code.class_id IS DISTINCT FROM held.class_id OR row_kind(code.kind, held.amount) != held.kind
) AS mapped
WHERE held.load_id = mapped.load_id AND held.row_number = mapped.row_number
