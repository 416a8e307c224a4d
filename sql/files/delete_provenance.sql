-- Grain: date x stage.
DELETE FROM ops.provenance
WHERE stage = $stage AND as_of >= coalesce($first_day, DATE '0001-01-01') AND as_of <= coalesce($last_day, DATE '9999-12-31')
