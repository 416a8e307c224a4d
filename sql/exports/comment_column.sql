-- What such a file says of a column. PII: none.
COMMENT ON COLUMN {view}.{column} IS {comment}
