"""The reject gate: a source with too many bad rows is held back as a whole, before any of its rows is in."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import duckdb

from tasks.intake.ledger import Entry, enter_ledger, read_versions
from tasks.intake.quarantine import fill_quarantine, forget_rejects, text_path
from warehouse.connection import connect
from warehouse.errors import RejectRateError
from warehouse.queries import query
from warehouse.reference.sets import SourceFormat
from warehouse.settings import Settings
from warehouse.sources.expressions import Reader, claim_fields

if TYPE_CHECKING:
    from datetime import datetime

    from tasks.intake.load import LoadContext
    from warehouse.sources.source import Source

_HINTS = {
    "unparsable_amount": "[amount] decimal in source.toml",
    "unparsable_date": "[date] formats in source.toml",
    "date_out_of_range": "[date] earliest in source.toml",
    "wrong_currency": "[currency] expected in source.toml",
    "invalid_encoding": "[csv] encoding in source.toml",
    "missing_columns": "[csv] delimiter in source.toml",
    "too_many_columns": "[csv] delimiter in source.toml",
}


class Judged(NamedTuple):
    """What the gate knows of a load before any of it is written.

    Attributes:
        read: Rows of the source.
        rejected: Rows that break the contract, or lose their id to a row of other content.
        alone: Rows without a fault whose ids nobody else claims.
    """

    read: int
    rejected: int
    alone: int

    def exceeds(self, limit: float) -> bool:
        """Whether too many rows were rejected."""
        return self.rejected > self.read * limit


def judge(connection: duckdb.DuckDBPyConnection, load_id: str) -> Judged:
    """Count what is staged, behind `find_claims`."""
    row = connection.execute(query("raw/select_gate"), {"load_id": load_id}).fetchone()
    return Judged(*(row or (0, 0, 0)))


def hold(
    connection: duckdb.DuckDBPyConnection,
    source: "Source",
    reader: Reader,
    context: "LoadContext",
    started: "datetime",
    judged: Judged,
) -> None:
    """Write the ledger's line and the quarantine of a load that is held back, and nothing else of it.

    The version that is in force stays; one that was held before is replaced.

    Args:
        connection: Inside a transaction, behind `find_claims`.
        source: What was staged.
        reader: Reads the full text of its rejected rows.
        context: Contract, limit and run.
        started: When its loading began.
        judged: Why it is held.
    """
    contract = context.reference.source
    end_holding(connection, held_versions(connection, source.name), "replaced")
    connection.execute("DELETE FROM claims WHERE load_id != $1", [source.load_id])
    connection.execute(query("raw/create_dismissed"))
    connection.execute(query("raw/insert_rejected_conflicts").format(fields=claim_fields(contract)))
    fill_quarantine(connection, reader, source.load_id, contract)
    connection.execute("CREATE OR REPLACE TEMP TABLE touched (month DATE)")
    reason = _reason(connection, source, contract, judged, context.settings.max_reject_rate)
    enter_ledger(connection, source, Entry("held", context.run_id, started, judged.alone, reason))


def held_versions(connection: duckdb.DuckDBPyConnection, source: str) -> list[str]:
    """Return the versions of a source that are held back."""
    return [version.load_id for version in read_versions(connection, source) if version.status == "held"]


def end_holding(connection: duckdb.DuckDBPyConnection, load_ids: Sequence[str], status: str) -> None:
    """Move held loads to another status and empty their quarantine."""
    if not load_ids:
        return
    forget_rejects(connection, load_ids)
    connection.execute(query("raw/update_held"), {"status": status, "load_ids": list(load_ids)})


def check_reject_rate(settings: Settings) -> list[str]:
    """Tell what is held back; stop the run when nothing else is in.

    Args:
        settings: Settings of the warehouse.

    Returns:
        Why each held load is held: the top reasons, each with file, row and column of an example.

    Raises:
        RejectRateError: Loads are held and the warehouse has no accepted row.
    """
    with connect(settings, read_only=True) as connection:
        rows = connection.execute("SELECT reason FROM raw.loads WHERE status = 'held' ORDER BY source").fetchall()
        held = [str(reason) for (reason,) in rows]
        if held and connection.execute("SELECT 1 FROM raw.transactions LIMIT 1").fetchone() is None:
            advice = "have the files corrected and run again, or raise MICROSEG_MAX_REJECT_RATE"
            raise RejectRateError(f"{'. '.join(held)}. Nothing was published; {advice}")
    return held


def _reason(
    connection: duckdb.DuckDBPyConnection, source: "Source", contract: SourceFormat, judged: Judged, limit: float
) -> str:
    wanted = {"load_id": source.load_id, "date_path": text_path(contract.columns["booked_at"])}
    rows = connection.execute(query("raw/select_reject_reasons"), wanted).fetchall()
    top = "; ".join(_told(source.name, *row) for row in rows[:3])
    return (
        f"{judged.rejected:,} of {judged.read:,} rows ({judged.rejected / judged.read:.1%}) were rejected, above the "
        f"limit of {limit:.1%}: {top}"
    )


def _told(source: str, reason: str, column: str | None, rows: int, first_row: int, shape: str | None) -> str:
    looks = f" looks like {shape}" if shape else ""
    hint = f"; check {_HINTS[reason]}" if reason in _HINTS else ""
    return f"{rows:,} x {reason} (column {column or '?'}, first: {source} row {first_row}{looks}{hint})"
