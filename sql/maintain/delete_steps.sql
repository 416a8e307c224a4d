-- Steps of the dates that are let go of; their periods go where no other date has them. Grain: as_of x window x step.
DELETE FROM spend.steps
WHERE as_of >= (SELECT min(as_of) FROM letting_go) AND as_of <= (SELECT max(as_of) FROM letting_go)
    AND as_of IN (SELECT as_of FROM letting_go)
