-- Groups that a reader could count and that are too small. Grain: column x value.
SELECT field, held
FROM (
    UNPIVOT (
        SELECT
            segment, coalesce(segment_1, '') AS segment_1, coalesce(segment_2, '') AS segment_2,
            coalesce(segment_3, '') AS segment_3, coalesce(segment_4, '') AS segment_4,
            coalesce(neighbour, '') AS neighbour
        FROM batch
    ) ON segment, segment_1, segment_2, segment_3, segment_4, neighbour INTO NAME field VALUE held
)
GROUP BY field, held
HAVING count(*) < {min_size}
