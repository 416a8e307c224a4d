"""Ledger: every version of every source with what became of its rows."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import duckdb

from tasks.intake.claims import LoadSpan
from tasks.operation.tables import Table
from warehouse.connection import connect
from warehouse.errors import MicrosegError
from warehouse.migrations import expect_schema
from warehouse.queries import query
from warehouse.settings import Settings
from warehouse.sources.source import Source

IN_FORCE = ("pending", "published")
Counts = tuple[int, int, int, int, int]  # rows read, accepted, rejected, duplicate, unclassified


@dataclass(frozen=True)
class Version:
    """A version of a source.

    Attributes:
        load_id: Its name in every table.
        status: As in raw.loads.
        left_out: Somebody withdrew it, so it does not come back by itself.
        span: Its months.
    """

    load_id: str
    status: str
    left_out: bool
    span: LoadSpan

    @property
    def in_force(self) -> bool:
        """Whether its rows are in."""
        return self.status in IN_FORCE


class Entry(NamedTuple):
    """What the ledger notes of a load beside its counts."""

    status: str
    run_id: str
    started_at: datetime
    accepted: int
    reason: str | None = None


@dataclass(frozen=True)
class Line:
    """One line of the ledger, as commands name it."""

    load_id: str
    source: str
    status: str
    rows_accepted: int
    first_day: date
    after_day: date

    @property
    def span(self) -> LoadSpan:
        """Its months."""
        return LoadSpan(self.load_id, self.first_day, self.after_day)

    @property
    def is_replay(self) -> bool:
        """Whether it put corrected rejects back, and so has no source that could be read again."""
        return self.source.startswith("replay:")

    @property
    def named(self) -> str:
        """How a person knows it."""
        return f"load {self.load_id} ({self.source.rpartition('/')[2]})"


def read_versions(connection: duckdb.DuckDBPyConnection, source: str) -> list[Version]:
    """Return every version of a source."""
    rows = connection.execute(query("raw/select_versions"), {"source": source}).fetchall()
    return [
        Version(load_id, status, bool(left_out) and status == "withdrawn", LoadSpan(load_id, *span))
        for load_id, status, left_out, *span in rows
    ]


def enter_ledger(connection: duckdb.DuckDBPyConnection, source: Source, entry: Entry) -> Counts:
    """Write the ledger's line of what is staged, in place of an earlier one of this very version."""
    connection.execute("DELETE FROM raw.loads WHERE load_id = $1", [source.load_id])
    names = {"load_id": source.load_id, "source": source.name, "fingerprint": source.fingerprint}
    connection.execute(query("raw/create_entry"), names | entry._asdict())
    connection.execute("INSERT INTO raw.loads BY NAME FROM entry")
    columns = "rows_read, rows_accepted, rows_rejected, rows_duplicate, rows_unclassified"
    counts: Counts | None = connection.execute(f"SELECT {columns} FROM entry").fetchone()
    return counts or (0, 0, 0, 0, 0)


def find_line(connection: duckdb.DuckDBPyConnection, load_id: str) -> Line:
    """Return a line of the ledger.

    Raises:
        MicrosegError: There is no such load; the message lists those that may have been meant.
    """
    row = connection.execute(query("raw/select_line"), {"load_id": load_id}).fetchone()
    if row is not None:
        return Line(*row)
    candidates = connection.execute(query("raw/select_candidates"), {"beginning": load_id}).fetchall()
    named = ", ".join(f"{candidate} ({name}, {status})" for candidate, name, status in candidates)
    raise MicrosegError(
        f"there is no load {load_id}: " + (f"did you mean {named}?" if named else "nothing has been loaded yet")
    )


def loads_table(settings: Settings, everything: bool = False) -> Table:
    """Return the ledger as a table, newest first.

    Args:
        settings: Settings of the warehouse.
        everything: With versions that were replaced or withdrawn.
    """
    header = ("load", "source", "status", "read", "accepted", "rejected", "duplicates", "months", "when (UTC)", "why")
    with expect_schema(settings), connect(settings, read_only=True) as connection:
        rows = connection.execute(query("raw/select_loads"), {"everything": everything}).fetchall()
    return Table("Loads", header, tuple(_cells(*row) for row in rows))


def _cells(load_id: str, name: str, status: str, *rest: object) -> tuple[str, ...]:
    *counts, months, first, last, when, why = rest
    span = {0: "", 1: f"{first}"}.get(int(str(months)), f"{first} to {last}")
    return load_id, name, status, *(f"{count:,}" for count in counts), span, str(when), str(why or "")
