-- Business dates without a nightly run or backfill that succeeded: what should be there minus what is. Grain: date.
-- Nights count from the first run made for its own day; dates that were only run by hand raise no expectation, nor does
-- the night of a day on which that first run was made after the hour by which a night is due.
WITH first_night AS (
    SELECT (timezone($zone, min(started_at)) + to_hours(24 - $deadline))::DATE AS as_of
    FROM ops.runs
    WHERE flow = 'nightly' AND abs(date_diff('day', as_of, timezone($zone, started_at)::DATE)) <= 1
)
SELECT night.as_of::VARCHAR, 'no run of this date succeeded'
FROM (
    SELECT unnest(generate_series(
        greatest(as_of, $last_night::DATE - 30), $last_night::DATE, INTERVAL 1 DAY
    ))::DATE AS as_of
    FROM first_night
    WHERE as_of IS NOT NULL
) AS night
WHERE night.as_of NOT IN (SELECT as_of FROM ops.runs WHERE flow = 'nightly' AND status = 'succeeded')
    AND night.as_of NOT IN (SELECT as_of FROM ops.backfill WHERE status = 'succeeded')
ORDER BY night.as_of
