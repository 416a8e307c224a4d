"""Retention: daily rows of old business dates are let go of; month ends, segments and the history stay."""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import duckdb

from tasks.operation import held_periods, held_traces
from tasks.operation.held_traces import BY_ID
from warehouse.queries import query
from warehouse.settings import Settings
from warehouse.stored import DataFile, live_files

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_PUBLISHED = r"published(_with_ids)?\s*\.\s*(reasons|angles|trajectories|personality)_v"
_DAILY = re.compile(rf"\b(features\s*\.|spend\s*\.\s*(by_period|steps)|{_PUBLISHED})", re.IGNORECASE)


class Retention(NamedTuple):
    """What is kept of the dates, and what has gone.

    Attributes:
        newest: Newest published date; None before the first release: everything is kept.
        keep_days: Days before it of which all is kept.
        gone: Published dates whose features have been let go of, oldest first.
    """

    newest: date | None
    keep_days: int
    gone: tuple[date, ...] = ()

    @property
    def settled(self) -> date | None:
        """The day before which dates are old: nothing of them changes but by a backfill or late rows."""
        return self.newest - timedelta(days=self.keep_days) if self.newest else None

    def keeps(self, as_of: date) -> bool:
        """Tell whether the features of a date stay, once they are made.

        >>> kept = Retention(date(2026, 3, 10), 35)
        >>> [kept.keeps(day) for day in (date(2026, 2, 3), date(2026, 2, 2), date(2026, 1, 31))]
        [True, False, True]
        """
        is_month_end = as_of.day == monthrange(as_of.year, as_of.month)[1]
        return self.settled is None or as_of >= self.settled or is_month_end


def read_retention(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Retention:
    """Return the rule as it stands, and the dates that it has let go of."""
    newest, gone = connection.execute(query("maintain/select_kept")).fetchone() or (None, [])
    return Retention(newest, settings.keep_days, tuple(gone))


def let_go(
    connection: duckdb.DuckDBPyConnection, settings: Settings, at_work: Sequence[str], run_id: str
) -> list[date]:
    """Delete the daily rows of dates beyond the limit, inside a transaction: features, periods, candidates.

    Args:
        connection: Inside a transaction.
        settings: `keep_days`.
        at_work: Runs that may still write; the dates that they are at stay.
        run_id: Recorded as what let them go.

    Returns:
        The dates, oldest first.
    """
    chosen = {"keep_days": settings.keep_days, "at_work": list(at_work)}
    connection.execute(query("maintain/create_letting_go"), chosen)
    dates = [row[0] for row in connection.execute("SELECT as_of FROM letting_go ORDER BY as_of").fetchall()]
    if not dates:
        return []
    # Nobody may take for granted at the same time what goes here.
    connection.execute(query("raw/take_turn"), {"load_id": "retention"})
    span = {"first_day": dates[0], "last_day": dates[-1]}
    period_ids, trace_ids = _ids_written(connection)
    for table in _daily_tables(connection):
        connection.execute(query("maintain/delete_dated").format(table=table), span)
    connection.execute(query("maintain/delete_steps"))
    held_periods.drop_unused(connection, period_ids)
    held_traces.drop_unused(connection, trace_ids)
    connection.execute(query("maintain/delete_gates"))
    connection.execute(query("maintain/insert_let_go"), {"run_id": run_id})
    connection.execute(query("maintain/delete_provenance"))
    return dates


def _ids_written(connection: duckdb.DuckDBPyConnection) -> tuple[set[int], held_traces.Ids]:
    """Return the ids of periods and of traces among which those are that no date will have.

    By the files, since a repair may have left rows without a step, and by the steps that go, since a handful of rows
    lies in the catalog and has no file.
    """
    going = "as_of IN (SELECT as_of FROM letting_go)"
    steps = connection.execute(f"SELECT period_id FROM spend.steps WHERE {going}").fetchall()
    tables = ("features.traced", "candidates.traced")
    traces = [held_traces.traces_of(connection, table, going) for table in tables]
    files = live_files(connection)
    return {row[0] for row in steps} | _ids_in(files, "spend.periods"), {
        column: _ids_in(files, *held).union(*(ids[column] for ids in traces)) for column, held in BY_ID.items()
    }


def _ids_in(files: Sequence[DataFile], *tables: str) -> set[int]:
    return {file.first_id for file in files if file.table in tables and file.first_id is not None}


def _daily_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [row[0] for row in connection.execute(query("maintain/select_daily_tables")).fetchall()]


def gone_line(as_of: date) -> str:
    """Return in one line why there are no features of a date, and what makes them again."""
    return (
        f"the features of {as_of} were let go of by retention (MICROSEG_KEEP_DAYS); "
        f"`microseg backfill {as_of} {as_of} --every day --for-real` makes them again"
    )


def missing_lines(connection: duckdb.DuckDBPyConnection, settings: Settings, sql: str) -> list[str]:
    """Return why a query finds no features or periods of a date that it names; nothing where it does, or names none.

    Args:
        connection: A warehouse connection.
        settings: Settings of the warehouse.
        sql: The statement as it was typed.
    """
    named = set(_DATE.findall(sql))
    if not named or not _DAILY.search(sql):
        return []
    try:
        gone = read_retention(connection, settings).gone
    except duckdb.CatalogException:
        return []  # a warehouse of an earlier version has let go of nothing
    return [gone_line(day) for day in gone if day.isoformat() in named]
