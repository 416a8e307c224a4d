"""The reject gate: a source with too many bad rows is held back as a whole, before any of its rows is in."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import duckdb

from tasks.intake.batch import Member, prepare
from tasks.intake.claims import any_contested, find_claims_apart
from tasks.intake.context import LoadContext
from tasks.intake.ledger import enter_ledger
from tasks.intake.quarantine import fill_quarantine, forget_rejects, text_path
from warehouse.connection import connect
from warehouse.errors import RejectRateError
from warehouse.queries import query
from warehouse.settings import Settings
from warehouse.sources.expressions import claim_fields

if TYPE_CHECKING:
    from tasks.intake.batch_files import BatchRows

_HINTS = {
    "unparsable_amount": "[amount] decimal in source.toml",
    "unparsable_date": "[date] formats in source.toml",
    "date_out_of_range": "[date] earliest in source.toml",
    "wrong_currency": "[currency] expected in source.toml",
    "invalid_encoding": "[csv] encoding in source.toml",
    "missing_columns": "[csv] delimiter in source.toml",
    "too_many_columns": "[csv] delimiter in source.toml",
}


def judge(connection: duckdb.DuckDBPyConnection) -> list[int]:
    """Count the rejects of each source of the batch, in order: rows with a fault, and rows that lose their id."""
    return [int(rejected) for (rejected,) in connection.execute(query("raw/select_gate")).fetchall()]


def hold(
    connection: duckdb.DuckDBPyConnection,
    held: Sequence[Member],
    context: LoadContext,
    elsewhere: "BatchRows | None" = None,
) -> None:
    """Write the ledger's lines and the quarantine of loads that are held back, and nothing else of them.

    The versions that are in force stay.

    Args:
        connection: Inside a transaction; the rows are in ``staged``.
        held: Each is judged as if it came alone.
        context: Contract, limit and run.
        elsewhere: The rows, where they are not in ``staged``.
    """
    prepare(connection, held, elsewhere is not None)
    find_claims_apart(connection, elsewhere)
    connection.execute(query("raw/create_dismissed"))
    fields = claim_fields(context.reference.source)
    if any_contested(connection):
        connection.execute(query("raw/insert_rejected_conflicts").format(fields=fields))
    fill_quarantine(connection, held)
    connection.execute(query("raw/create_touched_none"))
    reasons = _reasons(connection, held, context)
    enter_ledger(connection, held, "held", context.run_id, reasons)


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


def _reasons(connection: duckdb.DuckDBPyConnection, held: Sequence[Member], context: LoadContext) -> dict[int, str]:
    """Return why each load is held, by its number: the top reasons with an example."""
    date_path = text_path(context.reference.source.columns["booked_at"])
    rows = connection.execute(query("raw/select_reject_reasons"), {"date_path": date_path}).fetchall()
    limit = context.settings.max_reject_rate
    reasons = {}
    for member, rejected in zip(held, judge(connection), strict=True):
        mine = [row[1:] for row in rows if row[0] == member.number]
        top = "; ".join(_told(member.source, *row) for row in mine[:3])
        rate = rejected / member.rows.read
        reasons[member.number] = (
            f"{rejected:,} of {member.rows.read:,} rows ({rate:.1%}) were rejected, above the limit of "
            f"{limit:.1%}: {top}"
        )
    return reasons


def _told(source: str, reason: str, column: str | None, rows: int, first_row: int, shape: str | None) -> str:
    looks = f" looks like {shape}" if shape else ""
    hint = f"; check {_HINTS[reason]}" if reason in _HINTS else ""
    return f"{rows:,} x {reason} (column {column or '?'}, first: {source} row {first_row}{looks}{hint})"
