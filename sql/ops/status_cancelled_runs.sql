-- Flows whose newest run was cancelled: in the Prefect UI, by a signal, by Ctrl-C. Grain: flow.
SELECT flow || ' of ' || as_of, 'cancelled ' || strftime(timezone($zone, coalesce(finished_at, started_at)), '%Y-%m-%d %H:%M')
FROM (
    FROM ops.runs
    QUALIFY row_number() OVER (PARTITION BY flow ORDER BY rowid DESC) = 1
)
WHERE status = 'failed' AND starts_with(coalesce(message, ''), 'cancelled: ')
ORDER BY flow
