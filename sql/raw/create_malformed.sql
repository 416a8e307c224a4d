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
        arg_min(lower(replace(error_type::VARCHAR, ' ', '_')), column_idx) AS reason,
        arg_min(column_name, column_idx) AS column_name,
        ltrim(min(csv_line), chr(13) || chr(10)) AS csv_line
    FROM csv_errors
    GROUP BY line
)
