-- Lines of a CSV that are no rows: wrong number of columns, broken quotes, wrong encoding, too long. Grain: line.
-- good_before counts the readable rows in front, which is what shifts their numbers.
-- The stand-in for a line that is too long is that of warehouse/sources/screening.py.
INSERT INTO malformed (source_number, row_number, good_before, position, reason, column_name, csv_line)
SELECT
    $source_number,
    line - 1 AS row_number,
    line - 1 - row_number() OVER (ORDER BY line) AS good_before,
    row_number() OVER (ORDER BY line) AS position,
    CASE WHEN too_long THEN 'line_too_long' ELSE reason END AS reason,
    CASE WHEN NOT too_long THEN column_name END AS column_name,
    CASE
        WHEN stand_in THEN 'a line of ' || regexp_extract(csv_line, '[0-9]+') || ' bytes, left out'
        ELSE csv_line
    END AS csv_line
FROM (
    SELECT *, stand_in OR reason = 'line_size_over_maximum' AS too_long
    FROM (
        SELECT
            line,
            -- Of a line that is too long nobody says in which column: it comes before all others.
            arg_min(lower(replace(error_type::VARCHAR, ' ', '_')), coalesce(column_idx, -1)) AS reason,
            arg_min(column_name, column_idx) AS column_name,
            ltrim(min(csv_line), chr(13) || chr(10)) AS csv_line,
            regexp_full_match(ltrim(min(csv_line), chr(13) || chr(10)), 'microseglinetoolong[0-9]+') AS stand_in
        FROM csv_errors
        GROUP BY line
    )
)
