-- Sources other than CSV have no malformed lines.
CREATE OR REPLACE TEMP TABLE malformed (
    row_number BIGINT, good_before BIGINT, position BIGINT, reason VARCHAR, column_name VARCHAR, csv_line VARCHAR
)
