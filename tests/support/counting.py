"""Counts what our code asks DuckDB for: statements, and the data files that it opened to answer them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb

import warehouse.engines

_OPENED = "SELECT DISTINCT path FROM duckdb_logs_parsed('FileSystem') WHERE op = 'OPEN' AND path LIKE '%.parquet'"


@dataclass
class Counts:
    """What was counted.

    Attributes:
        statements: Given to DuckDB, those of Great Expectations among them: it asks through our reader.
        opened: Data files, each once.
    """

    statements: int = 0
    opened: set[str] = field(default_factory=set)


class _Counting:
    """Stands before a connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, counts: Counts, is_root: bool = True) -> None:
        self._connection, self._counts, self._is_root = connection, counts, is_root

    def execute(self, *arguments: Any) -> Any:
        self._counts.statements += 1
        return self._connection.execute(*arguments)

    def cursor(self) -> "_Counting":
        return _Counting(self._connection.cursor(), self._counts, is_root=False)

    def close(self) -> None:
        if self._is_root:  # the log is the engine's, and ends with it
            self._counts.opened |= {path for (path,) in self._connection.execute(_OPENED).fetchall()}
        self._connection.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@contextmanager
def counting() -> Iterator[Counts]:
    """Count for the length of a ``with`` block; the files are known at its end."""
    counts = Counts()

    class Module:
        def connect(self, *arguments: Any, **named: Any) -> _Counting:
            connection = duckdb.connect(*arguments, **named)
            connection.execute("CALL enable_logging('FileSystem')")
            return _Counting(connection, counts)

        def __getattr__(self, name: str) -> Any:
            return getattr(duckdb, name)

    warehouse.engines.close_idle()
    place = vars(warehouse.engines)
    place["duckdb"] = Module()
    try:
        yield counts
    finally:
        warehouse.engines.close_idle()
        place["duckdb"] = duckdb
