"""Ledger: every version of every source with what became of its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from tasks.intake.batch import LoadSpan, Member
from tasks.intake.context import Ingested
from tasks.operation.tables import Table
from warehouse.connection import connect
from warehouse.errors import MicrosegError
from warehouse.migrations import expect_schema
from warehouse.queries import query
from warehouse.settings import Settings

IN_FORCE = ("pending", "published")


@dataclass(frozen=True)
class Version:
    """A version of a source.

    Attributes:
        source: Its name.
        load_id: Its name in every table.
        status: As in raw.loads.
        left_out: Somebody withdrew it, so it does not come back by itself.
        span: Its months.
    """

    source: str
    load_id: str
    status: str
    left_out: bool
    span: LoadSpan

    @property
    def in_force(self) -> bool:
        """Whether its rows are in."""
        return self.status in IN_FORCE


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


def read_versions(connection: duckdb.DuckDBPyConnection, sources: Sequence[str]) -> list[Version]:
    """Return every version of some sources."""
    rows = connection.execute(query("raw/select_versions"), {"sources": list(sources)}).fetchall()
    return [
        Version(source, load_id, status, bool(left_out) and status == "withdrawn", LoadSpan(load_id, *span))
        for source, load_id, status, left_out, *span in rows
    ]


def enter_ledger(
    connection: duckdb.DuckDBPyConnection,
    members: Sequence[Member],
    status: str,
    run_id: str,
    reasons: Mapping[int, str] | None = None,
) -> Ingested:
    """Write the ledger's lines of a batch.

    Args:
        connection: Inside a transaction; ``claims`` and ``touched`` are those of the batch.
        members: Of the batch.
        status: Of all of them.
        run_id: Recorded with them.
        reasons: Why they have it, by their numbers.

    Returns:
        What became of their rows.
    """
    if not members:
        return Ingested()
    told = reasons or {}
    given = {"source_number": list(told), "reason": list(told.values()), "status": status, "run_id": run_id}
    connection.execute(query("raw/create_entry"), given)
    connection.execute("INSERT INTO raw.loads BY NAME FROM entry")
    names = ("rows_read", "rows_accepted", "rows_rejected", "rows_duplicate", "rows_unclassified")
    sums = ", ".join(f"sum({name})::BIGINT" for name in names)
    return Ingested(len(members), 0, *(connection.execute(f"SELECT {sums} FROM entry").fetchone() or ()))


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
