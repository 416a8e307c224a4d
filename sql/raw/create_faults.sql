-- First broken rule of each faulty row. Grain: faulty source row. The rules are the files of sql/quality/.
CREATE OR REPLACE TEMP TABLE faults AS
SELECT row_number, arg_min(reason, rule) AS reason, arg_min(column_name, rule) AS column_name
FROM ({rules})
GROUP BY row_number
