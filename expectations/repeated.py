"""Keys that occur more than once, found exactly in bounded memory: by sorted hashes, a part of all hashes at a time."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise
from math import ceil
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import duckdb
import numpy as np
from numpy.typing import NDArray

from expectations.suite import BATCH
from warehouse.queries import query

Hashes = NDArray[np.uint64]
# 128 MiB of hashes, and as much again while DuckDB hands them over.
PART_ROWS = 2**24
HANDED_OVER = 2**20
# Beyond these, equal hashes count as equal keys: so many keys of 64 bits never collide by chance.
CONFIRMED = 100_000
# The lowest and the highest there is.
ALL_HASHES = (0, 2**64 - 1)


def count_repeated(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str], hashes: tuple[int, int] = ALL_HASHES
) -> int:
    """Count the keys that occur more than once in the batch; null counts as a value.

    Grouping the keys themselves would hold all of them at once, four times as large. The columns are read once; hashes
    that are too many for the memory lie in files meanwhile, eight bytes a row, where DuckDB spills to.

    Args:
        connection: A reader with the batch.
        columns: Of the key.
        hashes: Lowest and highest hash of the keys that are looked at.
    """
    listed = ", ".join(columns)
    (rows,) = connection.execute(f"SELECT count(*) FROM {BATCH}").fetchall()[0]
    hashed = query("expectations/batch_hashes").format(columns=listed, lowest=hashes[0], highest=hashes[1])
    count = max(1, ceil(rows * (hashes[1] - hashes[0] + 1) / 2**64 / PART_ROWS))
    suspects, others = np.empty(0, np.uint64), 0
    for part in _parts(connection, hashed, hash_ranges(count, hashes)):
        equal = equal_neighbours(part)
        room = CONFIRMED - len(suspects)
        suspects, others = np.concatenate([suspects, equal[:room]]), others + len(equal[room:])
    return others + (_confirmed(connection, listed, suspects) if len(suspects) else 0)


def hash_ranges(count: int, hashes: tuple[int, int] = ALL_HASHES) -> list[tuple[int, int]]:
    """Cut a range of hashes into ranges of one size.

    Args:
        count: How many.
        hashes: Lowest and highest of all.

    Returns:
        Lowest and highest of each.

    >>> hash_ranges(2, (0, 9))
    [(0, 4), (5, 9)]
    """
    first, size = hashes[0], hashes[1] - hashes[0] + 1
    bounds = [first + part * size // count for part in range(count + 1)]
    return [(lowest, after - 1) for lowest, after in pairwise(bounds)]


def _parts(connection: duckdb.DuckDBPyConnection, hashed: str, ranges: Sequence[tuple[int, int]]) -> Iterator[Hashes]:
    """Yield all hashes in parts, those of a range in one."""
    if len(ranges) == 1:
        yield connection.execute(hashed).fetchnumpy()["hashed"]
        return
    (spill,) = connection.execute("SELECT current_setting('temp_directory')").fetchall()[0]
    place = spill if Path(spill).is_dir() else None
    with ExitStack() as stack:
        # Without a name: of a process that is killed nothing stays.
        files = [stack.enter_context(TemporaryFile(dir=place)) for _ in ranges]
        for batch in connection.execute(hashed).to_arrow_reader(HANDED_OVER):
            _deal_out(batch.column("hashed").to_numpy(), files, ranges)
        for file in files:
            file.seek(0)
            yield np.fromfile(file, np.uint64)


def _deal_out(values: Hashes, files: Sequence[IO[bytes]], ranges: Sequence[tuple[int, int]]) -> None:
    """Append each value to the file of its range."""
    values = np.sort(values)
    ends = np.searchsorted(values, np.array([lowest for lowest, _ in ranges[1:]], np.uint64))
    for file, part in zip(files, np.split(values, ends), strict=True):
        file.write(part.tobytes())


def _confirmed(connection: duckdb.DuckDBPyConnection, columns: str, suspects: Hashes) -> int:
    confirming = query("expectations/batch_unique").format(columns=columns)
    (confirmed,) = connection.execute(f"SELECT count(*) FROM ({confirming})", [suspects.tolist()]).fetchall()[0]
    return int(confirmed)


def equal_neighbours(values: Hashes) -> Hashes:
    """Sort values in place, and return each that occurs more than once.

    >>> equal_neighbours(np.array([3, 1, 3, 2, 3, 1], dtype=np.uint64)).tolist()
    [1, 3]
    """
    values.sort()
    return np.unique(values[1:][values[1:] == values[:-1]])
