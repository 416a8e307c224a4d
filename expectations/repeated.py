"""Keys that occur more than once, found exactly in bounded memory: by sorted hashes, a part of all hashes at a time."""

from collections.abc import Sequence
from math import ceil

import duckdb
import numpy as np
from numpy.typing import NDArray

from expectations.suite import BATCH
from warehouse.queries import query

# 128 MiB of hashes, and as much again while DuckDB hands them over.
PASS_ROWS = 2**24
# Beyond these, equal hashes count as equal keys: so many keys of 64 bits never collide by chance.
CONFIRMED = 100_000


def count_repeated(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> int:
    """Count the keys that occur more than once in the batch; null counts as a value.

    Grouping the keys themselves would hold all of them at once, four times as large. Each pass reads the columns once
    more, so that there is but one for most batches.

    Args:
        connection: A reader with the batch.
        columns: Of the key.
    """
    listed = ", ".join(columns)
    (rows,) = connection.execute(f"SELECT count(*) FROM {BATCH}").fetchall()[0]
    passes = max(1, ceil(rows / PASS_ROWS))
    return sum(_count_in_pass(connection, listed, passes, number) for number in range(passes))


def _count_in_pass(connection: duckdb.DuckDBPyConnection, columns: str, passes: int, number: int) -> int:
    hashed = query("expectations/batch_hashes").format(columns=columns)
    suspects = equal_neighbours(connection.execute(hashed, [passes, number]).fetchnumpy()["hashed"])
    if not len(suspects):
        return 0
    confirming = query("expectations/batch_unique").format(columns=columns)
    text = f"SELECT count(*) FROM ({confirming})"
    (confirmed,) = connection.execute(text, [suspects[:CONFIRMED].tolist()]).fetchall()[0]
    return int(confirmed) + len(suspects[CONFIRMED:])


def equal_neighbours(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Sort values in place, and return each that occurs more than once.

    >>> equal_neighbours(np.array([3, 1, 3, 2, 3, 1], dtype=np.uint64)).tolist()
    [1, 3]
    """
    values.sort()
    return np.unique(values[1:][values[1:] == values[:-1]])
