-- Hashes of keys, part $2 of $1 of all hashes. Grain: row of the batch. Null counts as a value.
-- Both are UBIGINT like the hash: with a signed number DuckDB would reckon in 128 bits, twenty times as long.
SELECT hash({columns}) AS hashed FROM batch WHERE $1 = 1 OR hash({columns}) % $1::UBIGINT = $2::UBIGINT
