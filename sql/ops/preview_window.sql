-- What there is for one business date, and how many of its rows were delivered after its segments were made.
-- Grain: one row.
WITH since AS (
    SELECT load_id, list_min(months_touched) AS first_month
    FROM raw.loads_in_force
    WHERE finished_at > (SELECT max(finished_at) FROM ops.provenance WHERE as_of = $as_of AND stage IN ('release', 'let_go'))
)
SELECT
    (
        SELECT count(*) FROM raw.transactions
        WHERE booked_on >= (date_trunc('month', $as_of) - INTERVAL 11 MONTH)::DATE AND booked_on <= $as_of
    ),
    (SELECT count(*) FROM raw.customers WHERE first_seen <= $as_of),
    EXISTS (FROM segments.by_date WHERE as_of = $as_of),
    (SELECT arg_max(status, requested_at) FROM ops.backfill WHERE as_of = $as_of),
    (
        SELECT count(*) FROM raw.transactions
        WHERE booked_on >= (SELECT min(first_month) FROM since) AND booked_on <= $as_of
            AND load_id IN (SELECT load_id FROM since)
    )
