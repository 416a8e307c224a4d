"""Counts the moments of a run at which a kill could matter, and kills the process before a chosen one.

A moment is a statement on the lake, the end of a commit, or a change in a folder below the home.
"""

import os
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Literal

import duckdb

Kind = Literal["statement", "commit", "committed", "file"]
CHANGES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.symlink", "shutil.rmtree")
QUICK = {"allow_unsigned_extensions": True, "threads": 1}  # as in the other tests: half a second less for a connection


class Moments:
    """The moments that this process has come to, by kind.

    Attributes:
        reached: How many there were since the last `count`.
    """

    def __init__(self) -> None:
        self.reached = Counter[Kind]()
        self._home, self._kind, self._left = "", "", 0

    def count(self, home: Path, kind: str = "", number: int = 0) -> None:
        """Count from nought; die before the moment of this kind and number, counted from 1."""
        self.reached.clear()
        self._home, self._kind, self._left = str(home), kind, number

    def reach(self, kind: Kind) -> None:
        """Come to a moment, and perhaps no further."""
        self.reached[kind] += 1
        if kind == self._kind:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take part in Python's audit: it tells of every change in a folder before it is made."""
        is_change = event in CHANGES or (event == "open" and _writes(arguments))
        if self._home and is_change and str(arguments[0]).startswith(self._home):
            self.reach("file")

    def watch(self, place: dict[str, Any]) -> None:
        """Count what is asked of every DuckDB that a module opens from now on, and every change in a folder.

        Args:
            place: Variables of the module.
        """
        sys.addaudithook(self.hear)
        place["duckdb"] = _Module(self)


class _Module:
    """DuckDB, watched."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments

    def connect(self, config: dict[str, Any]) -> "_Watched":
        return _Watched(duckdb.connect(config=config | QUICK), self._moments)

    def __getattr__(self, name: str) -> Any:
        return getattr(duckdb, name)


class _Watched:
    """Stands before a connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, moments: Moments) -> None:
        self._connection, self._moments = connection, moments

    def execute(self, sql: str, *arguments: Any) -> Any:
        ends = sql == "COMMIT"
        self._moments.reach("commit" if ends else "statement")
        result = self._connection.execute(sql, *arguments)
        if ends:
            self._moments.reach("committed")
        return result

    def cursor(self) -> "_Watched":
        return _Watched(self._connection.cursor(), self._moments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def _writes(arguments: tuple[Any, ...]) -> bool:
    flags = arguments[2] if len(arguments) > 2 else 0
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR))
