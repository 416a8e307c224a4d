-- What a run brought in. Grain: one row.
SELECT
    count(*), coalesce(sum(rows_accepted), 0)::BIGINT, coalesce(sum(rows_rejected), 0)::BIGINT,
    coalesce(sum(rows_duplicate), 0)::BIGINT, (SELECT max(booked_on) FROM raw.transactions WHERE booked_on <= $as_of)
FROM raw.loads
WHERE run_id = $run_id
