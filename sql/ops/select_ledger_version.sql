-- Changes when a count or a status of any load does. Grain: one row.
SELECT left(md5(string_agg(
    concat_ws(',', load_id, status, rows_read, rows_accepted, rows_rejected, rows_duplicate), ';' ORDER BY load_id
)), 16)
FROM raw.loads
