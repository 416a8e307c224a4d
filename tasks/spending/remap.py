"""Remap: the spending of a date under a reference version that is not active, beside the tables that are."""

from collections.abc import Iterable, Sequence
from datetime import date

import duckdb

from tasks.operation.code_version import SPENDING, code_version
from tasks.operation.held_periods import drop_unused
from tasks.operation.provenance import Versions
from tasks.spending.period import Step
from tasks.spending.periods import dated_steps, insert_steps, replace_steps, write_periods
from tasks.spending.remapped import remapped_versions, span_of, write_step_sums
from tasks.spending.remapped_units import ask_steps, ask_versions
from tasks.units.unit import Ask
from warehouse.queries import query
from warehouse.reference.content import ReferenceContent
from warehouse.reference.versions import record_version
from warehouse.settings import Settings


def build_periods(
    connection: duckdb.DuckDBPyConnection,
    content: ReferenceContent,
    as_of: date,
    settings: Settings | None = None,
    ask: Ask | None = None,
) -> list[Step]:
    """Write both windows of a date under another version, inside a transaction; nothing in force is touched.

    The version is kept whole, so that what is built under it can be released at any later time. Only one date waits
    under another version at a time.

    Args:
        connection: Inside a transaction.
        content: The version.
        as_of: Last day of the newest step, inclusive.
        settings: Where the data lies; of interest to units alone.
        ask: Answers to units; None: all is summed here.

    Returns:
        The steps of the date; none where units have yet to say which they are.
    """
    record_version(connection, content)
    connection.execute(query("spend/create_periods"), {"as_of": as_of})
    if settings is None or ask is None:
        steps = _build(connection, content, as_of)
    elif (versions := ask_versions(connection, settings, content.codes, as_of, ask)) is None:
        return []
    else:
        steps = dated_steps(connection, _named(versions))
        write_periods(connection, steps, lambda missing: ask_steps(connection, settings, content.codes, missing, ask))
    _replace_waiting(connection, as_of, steps, content.version)
    return steps


def _build(connection: duckdb.DuckDBPyConnection, content: ReferenceContent, as_of: date) -> list[Step]:
    steps = dated_steps(connection, _named(remapped_versions(connection, content.codes, *span_of(connection, as_of))))
    write_periods(connection, steps, lambda missing: [write_step_sums(connection, step.period) for step in missing])
    connection.execute("DROP TABLE remapped_monthly")
    return steps


def _named(versions: Iterable[tuple[date, str]]) -> Versions:
    """Return what the periods of a date will be a function of once the other version is the active one."""
    return {f"{month:%Y-%m}": version for month, version in versions} | {"code": code_version(*SPENDING)}


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
