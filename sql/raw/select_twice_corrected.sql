-- A rejected row that was offered more than once. Grain: rejected source row, one at most.
SELECT load_id, row_number FROM corrected GROUP BY ALL HAVING count(*) > 1 ORDER BY ALL LIMIT 1
