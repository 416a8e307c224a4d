-- How often values in quotes, and broken lines, go over the end of a line; empty lines do not count. Grain: one row.
SELECT coalesce(sum(len(regexp_extract_all(content, '[\r\n]+'))), 0)
FROM (
    SELECT concat_ws('|', {columns}) AS content FROM fetched
    UNION ALL
    SELECT rtrim(csv_line, chr(13) || chr(10)) FROM malformed WHERE source_number = $source_number
)
WHERE contains(content, chr(10)) OR contains(content, chr(13))
