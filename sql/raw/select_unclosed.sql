-- First line whose quotes are broken and reach over its end: what lies behind was swallowed. Grain: one row.
-- The engine keeps the first 10,000 characters of a line, so a position behind those says nothing.
SELECT min(line) - 1
FROM csv_errors
WHERE error_type = 'UNQUOTED VALUE'
    AND (
        contains(replace(ltrim(csv_line, chr(13) || chr(10)), chr(13), chr(10)), chr(10))
        OR (byte_position > line_byte_position + strlen(csv_line) AND length(csv_line) < 10000)
    )
