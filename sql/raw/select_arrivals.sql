-- How many customers are new, and how many were first seen later than now, or are seen again. Grain: one row.
SELECT
    count(*) FILTER (is_new) AS new,
    count(*) FILTER (NOT is_new AND (known_since IS NULL OR first_seen < known_since)) AS earlier
FROM arrivals
