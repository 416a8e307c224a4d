-- Rows whose dominant trait, known by its initial, has not the highest membership. Grain: row of the batch.
SELECT step
FROM batch
WHERE greatest(membership_o, membership_c, membership_e, membership_a, membership_n) IS DISTINCT FROM
    CASE lower(left(dominant, 1))
        WHEN 'o' THEN membership_o
        WHEN 'c' THEN membership_c
        WHEN 'e' THEN membership_e
        WHEN 'a' THEN membership_a
        WHEN 'n' THEN membership_n
    END
