-- Size of the raw layer. Grain: one row.
SELECT
    (SELECT count(*) FROM raw.customers WHERE first_seen IS NOT NULL) AS customers,
    (SELECT count(*) FROM raw.transactions) AS transactions,
    (SELECT count(*) FROM raw.rejects_waiting) AS rejected,
    (SELECT count(*) FROM raw.duplicates WHERE NOT conflict) AS duplicates,
    (SELECT count(*) FROM raw.loads_in_force) AS loads,
    (SELECT min(booked_on) FROM raw.transactions) AS first_day,
    (SELECT max(booked_on) FROM raw.transactions) AS last_day
