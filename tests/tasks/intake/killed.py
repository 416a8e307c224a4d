"""A night that ends by SIGKILL before a chosen statement; run in a process of its own."""

import os
import signal
from pathlib import Path
from typing import Any

import duckdb
import pytest

import warehouse.engines
from tasks.intake import batches
from tasks.intake.withdraw import withdraw
from tests.tasks.builders import Bank

UNCHECKED = {"allow_unsigned_extensions": True}  # as in the other tests: half a second less for a connection


class Fuse:
    """Stands before a connection and kills the process when a statement begins with the marked text."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, mark: str, left: list[int]) -> None:
        self._connection, self._mark, self._left = connection, mark, left

    def execute(self, sql: str, *arguments: Any) -> Any:
        if self._mark in sql:
            self._left[0] -= 1
            if self._left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return self._connection.execute(sql, *arguments)

    def cursor(self) -> "Fuse":
        return Fuse(self._connection.cursor(), self._mark, self._left)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def night(bank: Bank, sources: Path, mark: str = "", times: int = 1) -> None:
    """Run ingest, two sources a batch, and both aggregates; die before the `times`-th statement that holds `mark`.

    Args:
        bank: The warehouse.
        sources: Folder of the CSV files.
        mark: Text of a statement; empty: the night ends well.
        times: Which of the statements with that text.
    """
    light_fuse(mark, times)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "MOST_SOURCES", 2)
        bank.ingest(sources / "*.csv")
    bank.aggregate()


def withdrawal(bank: Bank, load_id: str, mark: str = "", times: int = 1) -> None:
    """Withdraw a load, or die in the middle of it."""
    light_fuse(mark, times)
    withdraw(bank.settings, bank.reference.source, load_id, "", "anna")


def light_fuse(mark: str, times: int) -> None:
    """Let this process die before the `times`-th statement that holds `mark`; of all connections opened from now on."""
    if mark:
        opened, left = duckdb.connect, [times]
        fused = _Module(lambda config: Fuse(opened(config=config | UNCHECKED), mark, left))
        vars(warehouse.engines)["duckdb"] = fused


class _Module:
    """DuckDB with another connect."""

    def __init__(self, connect: Any) -> None:
        self.connect = connect

    def __getattr__(self, name: str) -> Any:
        return getattr(duckdb, name)
