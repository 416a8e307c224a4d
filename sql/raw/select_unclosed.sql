-- First line whose error reaches over its end: an unclosed quote swallowed the lines behind it. Grain: one row.
SELECT min(line) - 1
FROM csv_errors
WHERE error_type != 'INVALID ENCODING'
    AND (
        contains(replace(ltrim(csv_line, chr(13) || chr(10)), chr(13), chr(10)), chr(10))
        OR byte_position > line_byte_position + strlen(csv_line)
    )
