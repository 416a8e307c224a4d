-- Withdraws a load by the will of a person. Grain: version of a source.
UPDATE raw.loads
SET status = 'withdrawn',
    reason = $reason,
    withdrawn_by = $withdrawn_by,
    -- Never before what was checked already: the gates look at its months again.
    withdrawn_at = greatest(now(), (SELECT max(checked_at) FROM ops.validations))
WHERE load_id = $load_id
