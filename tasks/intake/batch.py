"""A batch: the sources that one transaction writes, as temporary tables that all its queries read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import duckdb

from tasks.intake.customers import number_customers
from warehouse.queries import query
from warehouse.sources.staging import Rows


class LoadSpan(NamedTuple):
    """A load that leaves, with the half-open span of its months, so that the files of other months stay closed."""

    load_id: str
    first_day: date
    after_day: date


@dataclass(frozen=True)
class Member:
    """A source of a batch.

    Attributes:
        number: Of its rows in ``staged``.
        load_id: The load that comes, or the one that is withdrawn.
        source: What the ledger calls it.
        fingerprint: Of this version.
        rows: What was staged.
        started: When its loading began.
        replaces: The load whose rows go: the earlier version of its source, or the one that is withdrawn.
    """

    number: int
    load_id: str
    source: str
    fingerprint: str
    rows: Rows
    started: datetime
    replaces: LoadSpan | None


@dataclass(frozen=True)
class Leaving:
    """The loads whose rows go when a batch is written, with the half-open span of all their months."""

    load_ids: tuple[str, ...]
    first_day: date
    after_day: date

    @property
    def parameters(self) -> dict[str, object]:
        """The values of the queries on their rows."""
        return {"replaced": list(self.load_ids), "first_day": self.first_day, "after_day": self.after_day}


def leaving_with(members: Sequence[Member]) -> Leaving | None:
    """Return what leaves when a batch is written; None when nothing does."""
    spans = [member.replaces for member in members if member.replaces]
    if not spans:
        return None
    first, after = min(span.first_day for span in spans), max(span.after_day for span in spans)
    return Leaving(tuple(span.load_id for span in spans), first, after)


def prepare(connection: duckdb.DuckDBPyConnection, members: Sequence[Member], is_elsewhere: bool = False) -> None:
    """Choose the sources of a batch, and give their rows keys for ids, and class and kind for codes.

    Nothing but temporary tables is written.

    Args:
        connection: Inside a transaction; the rows are in ``staged``.
        members: Whatever else is staged is left alone.
        is_elsewhere: Whether the rows lie in files of units, and ``staged_customers`` tells of them.
    """
    columns = {
        "source_number": [member.number for member in members],
        "load_id": [member.load_id for member in members],
        "source": [member.source for member in members],
        "fingerprint": [member.fingerprint for member in members],
        "replaced": [member.replaces.load_id if member.replaces else None for member in members],
        "rows_read": [member.rows.read for member in members],
        "rows_faulty": [member.rows.faulty for member in members],
        "started_at": [member.started for member in members],
    }
    connection.execute(query("raw/create_batch"), columns)
    numbers = ", ".join(str(member.number) for member in members)
    connection.execute(query("raw/create_batch_rows").format(numbers=numbers))
    summaries = "units/create_batch_summaries" if is_elsewhere else "raw/create_batch_summaries"
    connection.execute(query(summaries))
    number_customers(connection)
    for name in ("create_codes", "create_row_kind", "create_incoming"):
        connection.execute(query(f"raw/{name}"))
