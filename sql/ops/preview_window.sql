-- What there is for one business date. Grain: one row.
SELECT
    (
        SELECT count(*) FROM raw.transactions
        WHERE booked_on >= date_trunc('month', $as_of) - INTERVAL 11 MONTH AND booked_on <= $as_of
    ),
    (SELECT count(*) FROM raw.customers WHERE first_seen <= $as_of),
    EXISTS (FROM segments.by_date WHERE as_of = $as_of),
    (SELECT arg_max(status, requested_at) FROM ops.backfill WHERE as_of = $as_of)
