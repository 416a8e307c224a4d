-- A published view over some dates. Grain: that of the view. PII: none, customers are keys.
SELECT * FROM published.{view} WHERE as_of BETWEEN $first AND $last ORDER BY {key}
