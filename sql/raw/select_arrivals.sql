-- How many customers are new, and how many were first seen later than now. Grain: one row.
SELECT count(*) FILTER (customer_key IS NULL) AS new, count(*) FILTER (first_seen < known_since) AS earlier
FROM arrivals
