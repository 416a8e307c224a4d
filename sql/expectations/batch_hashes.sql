-- Hashes of keys, from a lowest to a highest. Grain: row of the batch. Null counts as a value.
SELECT hashed FROM (SELECT hash({columns}) AS hashed FROM batch) WHERE hashed BETWEEN {lowest} AND {highest}
