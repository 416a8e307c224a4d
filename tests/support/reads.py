"""Notes which files this process reads: what DuckDB says of its own reading, and what Python opens."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import time
from typing import Any

import duckdb
import pytest

from tasks.operation.journal import Journal, StageReport
from warehouse.engines import close_idle

_READ = """
SELECT epoch(timestamp), path, coalesce(bytes, 0)
FROM duckdb_logs_parsed('FileSystem')
WHERE op IN ('OPEN', 'READ') AND path LIKE '%.parquet'
"""
_listeners: list["Reads"] = []


@dataclass
class Reads:
    """What was read, and when.

    Attributes:
        noted: Seconds, path and bytes of each reading; an opening alone has none.
        stages: Begin, end and name of each stage.
    """

    noted: list[tuple[float, str, int]] = field(default_factory=list)
    stages: list[tuple[float, float, str]] = field(default_factory=list)

    def by_stage(self, part: str) -> dict[str, int]:
        """Bytes read of files with a part in their path, by the stage; opened and not read is 0."""
        sums: dict[str, int] = {}
        for when, path, size in self.noted:
            if part in path and path.endswith(".parquet"):
                name = next((name for start, end, name in self.stages if start <= when <= end), "outside of all stages")
                sums[name] = sums.get(name, 0) + size
        return sums


class _Noting:
    """Stands before an engine: its log ends with it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, reads: Reads) -> None:
        self._connection, self._reads = connection, reads

    def __enter__(self) -> "_Noting":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._reads.noted += self._connection.execute(_READ).fetchall()
        self._connection.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def _note_opening(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and isinstance(arguments[0], str):
        for reads in _listeners:
            reads.noted.append((time(), arguments[0], 0))


@contextmanager
def reads_noted(patch: pytest.MonkeyPatch) -> Iterator[Reads]:
    """Note for the length of a ``with`` block what this process reads; all of it is known at the end."""
    reads, connect, stage = Reads(), duckdb.connect, Journal.stage

    def noting(*arguments: Any, **named: Any) -> _Noting:
        connection = connect(*arguments, **named)
        connection.execute("CALL enable_logging('FileSystem')")
        return _Noting(connection, reads)

    @contextmanager
    def timed(journal: Journal, name: str) -> Iterator[StageReport]:
        start = time()
        with stage(journal, name) as report:
            yield report
        reads.stages.append((start, time(), name))

    close_idle()
    sys.addaudithook(_note_opening)
    _listeners.append(reads)
    with patch.context() as own:
        own.setattr(duckdb, "connect", noting)
        own.setattr(Journal, "stage", timed)
        try:
            yield reads
        finally:
            close_idle()
            _listeners.clear()
