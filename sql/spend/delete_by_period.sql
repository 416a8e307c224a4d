-- The requested date goes as a whole before it is written anew. Grain: as_of.
DELETE FROM spend.by_period WHERE as_of = $as_of
