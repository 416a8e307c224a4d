-- What the catalog says of a view. PII: none.
COMMENT ON VIEW {schema}.{view} IS {comment}
