-- What some rows say as a whole, whatever order they are in: a merge must not change it. Grain: one row.
SELECT count(*), bit_xor(hash(held)), sum(hash(held)::HUGEINT) FROM {table} AS held WHERE {span}
