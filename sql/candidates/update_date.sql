-- Grain: as_of.
UPDATE candidates.dates SET state = $state, reason = nullif($reason, ''), changed_at = now() WHERE as_of = $as_of
