-- Lines of a CSV that are no rows: wrong number of columns, broken quotes, wrong encoding. Grain: line.
-- good_before counts the readable rows in front, which is what shifts their numbers.
CREATE OR REPLACE TEMP TABLE malformed AS
SELECT
    line - 1 AS row_number,
    line - 1 - row_number() OVER (ORDER BY line) AS good_before,
    row_number() OVER (ORDER BY line) AS position,
    reason,
    column_name,
    csv_line
FROM (
    SELECT
        line,
        min(lower(replace(error_type::VARCHAR, ' ', '_'))) AS reason,
        min(column_name) AS column_name,
        min(csv_line) AS csv_line
    FROM csv_errors
    GROUP BY line
)
