-- Hashes of keys, part $2 of $1 of all hashes. Grain: row of the batch. Null counts as a value.
SELECT hash({columns}) AS hashed FROM batch WHERE $1 = 1 OR hash({columns}) % $1 = $2
