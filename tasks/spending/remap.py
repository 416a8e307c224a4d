"""Remap: the spending of a date under a reference version that is not active, beside the tables that are."""

from collections.abc import Sequence
from datetime import date

import duckdb

from tasks.operation.code_version import SPENDING, code_version
from tasks.operation.held_periods import drop_unused
from tasks.operation.provenance import MONTH_VERSION, Versions
from tasks.spending.period import Counts, Step, write_sums
from tasks.spending.periods import dated_steps, insert_steps, replace_steps, write_periods
from warehouse.queries import query
from warehouse.reference.content import ReferenceContent
from warehouse.reference.tables import create_new_codes
from warehouse.reference.versions import record_version


def create_remapped(connection: duckdb.DuckDBPyConnection, content: ReferenceContent) -> None:
    """Make the temporary view ``remapped``: raw rows that count, with the classes of another version.

    Args:
        connection: A warehouse connection; the view lasts as long as it does.
        content: The version.
    """
    create_new_codes(connection, content)
    connection.execute(query("raw/create_row_kind"))
    connection.execute(query("candidates/create_remapped"))


def build_periods(connection: duckdb.DuckDBPyConnection, content: ReferenceContent, as_of: date) -> list[Step]:
    """Write both windows of a date under another version, inside a transaction; nothing in force is touched.

    The version is kept whole, so that what is built under it can be released at any later time. Only one date waits
    under another version at a time.

    Args:
        connection: Inside a transaction.
        content: The version.
        as_of: Last day of the newest step, inclusive.

    Returns:
        The steps of the date.
    """
    record_version(connection, content)
    create_remapped(connection, content)
    connection.execute(query("spend/create_periods"), {"as_of": as_of})
    connection.execute(query("candidates/create_monthly"), {"as_of": as_of})
    steps = dated_steps(connection, _month_versions(connection))
    write_periods(connection, steps, lambda missing: [_write(connection, step) for step in missing])
    _replace_waiting(connection, as_of, steps, content.version)
    connection.execute("DROP TABLE remapped_monthly")
    return steps


def _month_versions(connection: duckdb.DuckDBPyConnection) -> Versions:
    """Return what the periods of a date will be a function of once the other version is the active one."""
    text = query("candidates/select_month_versions").format(version=MONTH_VERSION)
    months = connection.execute(text).fetchall()
    return {f"{month:%Y-%m}": version for month, version in months} | {"code": code_version(*SPENDING)}


def _write(connection: duckdb.DuckDBPyConnection, step: Step) -> Counts:
    connection.execute(query("candidates/create_step_sums"), {"period_start": step.start, "period_end": step.end})
    return write_sums(connection, step.period)


def _replace_waiting(
    connection: duckdb.DuckDBPyConnection, as_of: date, steps: Sequence[Step], reference_version: str
) -> None:
    connection.execute(query("raw/take_turn"), {"load_id": f"periods {as_of}"})
    before = connection.execute("SELECT period_id FROM candidates.steps").fetchall()
    connection.execute("DELETE FROM candidates.steps")
    insert_steps(connection, "candidates.steps", as_of, steps, reference_version)
    drop_unused(connection, [row[0] for row in before])


def move_periods(connection: duckdb.DuckDBPyConnection, as_of: date, version: str) -> None:
    """Put what `build_periods` wrote in the place of the periods in force, inside a transaction."""
    text = "SELECT window_name, step, period_start, period_end, period_id FROM candidates.steps"
    rows = connection.execute(f"{text} WHERE as_of = $1 AND reference_version = $2", [as_of, version]).fetchall()
    replace_steps(connection, as_of, [Step(*row) for row in rows])
    _replace_waiting(connection, as_of, [], version)
