-- What such a file says of a table. PII: none.
COMMENT ON TABLE {view} IS {comment}
