"""Buckets of customers: ranges of keys of a fixed size, so that a customer's bucket never changes."""

import duckdb

# Few enough files for a bank of five million (forty a table and step), and no more than a machine writes at once.
BUCKET = 2**17


def customer_buckets(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
    """Return the lowest and highest key of each bucket, up to that of the newest customer."""
    (newest,) = connection.execute("SELECT max(customer_key) FROM raw.customers").fetchone() or (None,)
    return [(first, first + BUCKET - 1) for first in range(0, (newest or 0) + 1, BUCKET)]


def customer_ranges(connection: duckdb.DuckDBPyConnection, count: int) -> list[tuple[int, int]]:
    """Return buckets of customers, as many together as to be at most some ranges: each reads the files of all."""
    buckets = customer_buckets(connection)
    size = -(-len(buckets) // count)
    parts = [buckets[first : first + size] for first in range(0, len(buckets), size)]
    return [(part[0][0], part[-1][1]) for part in parts]
