-- Periods of the dates that are let go of. Grain: as_of x window x customer x step x class.
DELETE FROM spend.by_period
WHERE as_of >= (SELECT min(as_of) FROM letting_go) AND as_of <= (SELECT max(as_of) FROM letting_go)
    AND as_of IN (SELECT as_of FROM letting_go)
