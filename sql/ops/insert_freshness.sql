-- Grain: run x as_of x feed. One row a call.
INSERT INTO ops.freshness BY NAME
SELECT
    $run_id AS run_id, $as_of AS as_of, $feed AS feed, $newest_booking AS newest_booking, $silent_days AS silent_days,
    $level AS level, $unusual_days AS unusual_days, $remark AS remark, now() AS checked_at
