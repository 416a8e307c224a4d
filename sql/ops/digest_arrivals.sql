-- What a run brought in, and how many loads are held back. Grain: one row.
SELECT
    count(*), coalesce(sum(rows_accepted), 0)::BIGINT, coalesce(sum(rows_rejected), 0)::BIGINT,
    coalesce(sum(rows_duplicate), 0)::BIGINT,
    (SELECT count(*) FROM raw.loads WHERE status = 'held')
FROM raw.loads_in_force
WHERE run_id = $run_id
