-- Columns that the waiting rows were delivered with, in the order of their first row. Grain: column.
SELECT name
FROM (
    SELECT unnest(json_keys(row_text)) AS name, generate_subscripts(json_keys(row_text), 1) AS position
    FROM raw.rejected
    WHERE replayed_load_id IS NULL
)
WHERE name != 'line' -- the text of a line that was no row
GROUP BY name
ORDER BY min(position), name
