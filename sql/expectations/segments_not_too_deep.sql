-- Columns by depth that do not follow the published segment: its first traits as far as it goes, null beyond.
-- Grain: customer.
SELECT segment
FROM (
    SELECT
        *,
        [CASE WHEN depth >= level THEN array_to_string(string_split(segment, '.')[1:level], '.') END
            FOR level IN [1, 2, 3, 4]] AS due
    FROM batch
)
WHERE [segment_1, segment_2, segment_3, segment_4] IS DISTINCT FROM due
    OR depth = 0 AND (margin IS NOT NULL OR neighbour IS NOT NULL)
