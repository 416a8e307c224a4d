-- Hashes of keys. Grain: row of the batch. Null counts as a value.
SELECT hash({columns}) AS hashed FROM batch
