"""Quarantine: rejected rows with their whole text, to be looked at, corrected and replayed, or dismissed."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from tasks.intake.batch import Member
from warehouse.connection import connect, in_transaction
from warehouse.files import written_whole
from warehouse.migrations import expect_schema
from warehouse.queries import identifier, query, quoted
from warehouse.reference.sets import SourceFormat
from warehouse.settings import Settings


def fill_quarantine(connection: duckdb.DuckDBPyConnection, members: Sequence[Member]) -> None:
    """Write the rows of ``faulty`` and ``malformed`` of a batch."""
    if any(member.rows.faulty for member in members):
        connection.execute(query("raw/insert_rejected"))


def source_columns(contract: SourceFormat) -> list[str]:
    """Return the columns that the source delivers, each once."""
    return list(dict.fromkeys(name for name in contract.columns.values() if name))


def select_rejects(names: Sequence[str], rows: str = "raw.rejects_waiting") -> str:
    """Return the SELECT of rejected rows in some of the source's own columns."""
    # Where nothing waits, nothing tells how rows are delivered: no field at all.
    fields = "".join(f"row_text->>{quoted(text_path(name))} AS {identifier(name)}, " for name in names)
    return query("raw/select_waiting").format(fields=fields, rows=rows)


def text_path(column: str) -> str:
    """Return the JSON path of a column in the text of a rejected row."""
    return "$." + identifier(column)


def write_rejects(
    settings: Settings, contract: SourceFormat | None, target: Path, reason: str = "", load_id: str = ""
) -> int:
    """Write rejected rows to a CSV file, to be corrected and replayed.

    Args:
        settings: Settings of the warehouse.
        contract: Names the source's columns; None takes those that the waiting rows were delivered with.
        target: CSV file; written under a temporary name and renamed. It holds personal data: only its owner reads it.
        reason: Only rows that were rejected for this; empty: for any.
        load_id: Only rows of this load, which may be a held one; empty: all that a replay can put back.

    Returns:
        Number of rows written.
    """
    with (
        expect_schema(settings),
        written_whole(target) as partial,
        connect(settings, read_only=True, files=[partial]) as connection,
    ):
        partial.touch(mode=0o600)
        names = source_columns(contract) if contract else _delivered(connection)
        selected = select_rejects(names, _chosen(reason, load_id))
        statement = f"COPY ({selected}) TO {quoted(str(partial))} (FORMAT csv, HEADER, USE_TMP_FILE false)"
        row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def _delivered(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [name for (name,) in connection.execute(query("raw/select_delivered_columns")).fetchall()]


def _chosen(reason: str, load_id: str) -> str:
    # COPY takes no parameters. A held load's rows are not waiting, but whoever names it wants to look at them.
    rows = "raw.rejected" if load_id else "raw.rejects_waiting"
    conditions = ["replayed_load_id IS NULL", "dismissed_at IS NULL"]
    conditions += [f"reason = {quoted(reason)}"] * bool(reason) + [f"load_id = {quoted(load_id)}"] * bool(load_id)
    return f"(FROM {rows} WHERE {' AND '.join(conditions)})"


def dismiss_rejects(settings: Settings, reason: str = "", load_id: str = "") -> int:
    """Give waiting rejects up for good: they stay in the ledger's sums, and wait no more.

    Args:
        settings: Settings of the warehouse.
        reason: Only those that were rejected for this; empty: for any.
        load_id: Only those of this load; empty: of any. A held load's rows go with their source.

    Returns:
        Number of rows dismissed.
    """
    chosen = {"reason": reason, "load_id": load_id}
    with expect_schema(settings), connect(settings) as connection:
        return in_transaction(connection, lambda: _dismiss(connection, chosen), settings.commit_attempts)


def _dismiss(connection: duckdb.DuckDBPyConnection, chosen: dict[str, str]) -> int:
    row = connection.execute(query("raw/dismiss_rejects"), chosen).fetchone()
    return int(row[0]) if row else 0


def forget_rejects(connection: duckdb.DuckDBPyConnection, load_ids: Sequence[str]) -> None:
    """Take the rows of loads out of the quarantine."""
    connection.execute("DELETE FROM raw.rejected WHERE list_contains($1::VARCHAR[], load_id)", [list(load_ids)])
