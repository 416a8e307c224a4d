-- The active set, its tables as lists in the order of their keys. Grain: one row, none in an empty warehouse.
SELECT
    reference,
    primary_window,
    (SELECT list([class_id::VARCHAR, code, label, class_group] ORDER BY class_id) FROM ref.classes) AS classes,
    (
        SELECT coalesce(list([source_code, class_id::VARCHAR, kind, label] ORDER BY source_code), [])
        FROM ref.source_codes
    ) AS codes,
    (SELECT coalesce(list({'class_id': class_id, 'trait': trait, 'coefficient': coefficient, 'origin': origin}), []) FROM ref.coefficients) AS coefficients
FROM ref.sets
