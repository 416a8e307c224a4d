-- Segments that are neither without a trait nor as many distinct traits' letters as they are deep. Grain: customer.
SELECT segment
FROM batch
WHERE CASE
        WHEN segment IN ({unknown}) THEN depth != 0
        ELSE NOT regexp_full_match(segment, '[OCEAN]([.][OCEAN])*')
            OR len(list_distinct(string_split(segment, '.'))) != depth
    END
