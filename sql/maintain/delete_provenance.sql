-- What no table holds any more was made from nothing. Grain: as_of x stage.
DELETE FROM ops.provenance
WHERE stage IN ('periods', 'release') AND as_of IN (SELECT as_of FROM letting_go)
