"""Repair: damaged files of derived tables leave the catalog, and what they held is marked to be made again."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

import duckdb

from tasks.operation.held_traces import BY_ID
from tasks.operation.provenance import PERIODS, RELEASE, forget
from tasks.operation.verify import Problem, refuse, verify
from warehouse.attachment import METADATA
from warehouse.connection import connect, in_transaction
from warehouse.engines import close_idle
from warehouse.queries import query
from warehouse.settings import Settings
from warehouse.stored import DataFile

# Without their rows a run does more than it has to, or a journal is shorter; nothing that is published comes from them.
_MAKES_ITSELF = ("ops.", "candidates.", "spend.months")


class Shared(NamedTuple):
    """A table whose rows are written once for all dates that have them among their steps.

    Attributes:
        column: Its id.
        steps: Tables of the steps of released dates, and of those that wait.
        stages: Whose provenance speaks of them.
    """

    column: str
    steps: tuple[str, str]
    stages: tuple[str, ...]


_TRACED = ("features.traced", "candidates.traced")
_SHARED = {
    "spend.periods": Shared("period_id", ("spend.steps", "candidates.steps"), (PERIODS, RELEASE)),
} | {table: Shared(column, _TRACED, (RELEASE,)) for column, tables in BY_ID.items() for table in tables}


class Repaired(NamedTuple):
    """What a repair did.

    Attributes:
        problems: The files that left the catalog.
        months: Months that the next run sums again.
        dates: Business dates that have to be made again, oldest first.
        lost: Tables of the journal that lost lines for good.
    """

    problems: tuple[Problem, ...] = ()
    months: int = 0
    dates: tuple[date, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def commands(self) -> tuple[str, ...]:
        """What makes it all again."""
        if self.dates:
            return tuple(f"microseg backfill {day} {day} --every day --for-real" for day in self.dates)
        return ("microseg run",)


def repair(settings: Settings) -> Repaired:
    """Take the damaged files of derived tables out of the catalog, so that the raw rows can make them again.

    Killed at any point it is run again: the marks are set before the rows that they speak of are gone.

    Raises:
        DamageError: A file is damaged that only a backup has; nothing is changed.
    """
    with connect(settings) as connection:
        problems = verify(connection, settings).problems
        refuse([problem for problem in problems if problem.is_given])
        if not problems:
            return Repaired()
        own = [problem.file for problem in problems if problem.file.table.startswith(_MAKES_ITSELF)]
        others = [problem.file for problem in problems if not problem.file.table.startswith(_MAKES_ITSELF)]
        _take_out(connection, own, settings.commit_attempts)  # first: the marks below are made in these tables
        months, dates = in_transaction(connection, lambda: _mark(connection, own, others), settings.commit_attempts)
        _take_out(connection, others, settings.commit_attempts)
    close_idle()  # DuckLake remembers what stood in its tables before
    lost = sorted({file.table for file in own if file.table in _JOURNAL})
    return Repaired(problems, months, tuple(dates), tuple(lost))


_JOURNAL = {"ops.runs", "ops.validations", "ops.freshness", "ops.drift", "ops.backfill"}


def _mark(
    connection: duckdb.DuckDBPyConnection, own: Sequence[DataFile], others: Sequence[DataFile]
) -> tuple[int, list[date]]:
    """Mark what the files held as not made, inside a transaction; return how many months, and which dates."""
    _drop_candidates(connection, own)
    months = _mark_months(connection, [file for file in others if file.table == "spend.monthly"])
    dates = {day for file in others for day in _forget(connection, file)}
    if any(file.table == "ops.provenance" for file in own):
        dates |= _released(connection, others)
    return months, sorted(dates)


def _drop_candidates(connection: duckdb.DuckDBPyConnection, own: Sequence[DataFile]) -> None:
    if not any(file.table.startswith("candidates.") for file in own):
        return
    text = (
        "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'candidates'"
    )
    for (table,) in connection.execute(text).fetchall():
        connection.execute(f"DELETE FROM candidates.{table}")


def _mark_months(connection: duckdb.DuckDBPyConnection, files: Sequence[DataFile]) -> int:
    months = 0
    for file in files:
        span = {"first_day": file.first, "last_day": file.last}
        row = connection.execute(query("files/insert_stale_months"), span).fetchone()
        months += int(row[0]) if row else 0
    return months


def _forget(connection: duckdb.DuckDBPyConnection, file: DataFile) -> list[date]:
    """Forget what the dates of a file were made from, so that they are made again; return them."""
    if file.table == "spend.monthly":
        return []
    if shared := _SHARED.get(file.table):
        return _forget_steps(connection, file, shared)
    stages = (PERIODS, RELEASE) if file.table == "spend.steps" else (RELEASE,)
    span = {"first_day": file.first, "last_day": file.last}
    dates = [row[0] for row in connection.execute(query("files/select_dates"), span).fetchall()]
    for stage in stages:
        connection.execute(query("files/delete_provenance"), span | {"stage": stage})
    return dates


def _forget_steps(connection: duckdb.DuckDBPyConnection, file: DataFile, shared: Shared) -> list[date]:
    """Take what a file holds from all dates: what a date has among its steps is not written again."""
    held = f"{shared.column} BETWEEN {file.first_id} AND {file.last_id}"
    steps, waiting = shared.steps
    dates = connection.execute(f"SELECT DISTINCT as_of FROM {steps} WHERE {held}").fetchall()
    for (day,) in dates:
        for stage in shared.stages:
            forget(connection, day, stage)
    connection.execute(f"DELETE FROM {steps} WHERE {held}")
    connection.execute(f"DELETE FROM {waiting} WHERE {held}")
    return [row[0] for row in dates]


def _released(connection: duckdb.DuckDBPyConnection, damaged: Collection[DataFile]) -> set[date]:
    if any(file.table == "segments.releases" for file in damaged):
        return set()
    return {row[0] for row in connection.execute("SELECT as_of FROM segments.releases").fetchall()}


def _take_out(connection: duckdb.DuckDBPyConnection, files: Sequence[DataFile], attempts: int) -> None:
    """Commit a snapshot without some files, as a deletion of all of their rows would, which has to read them."""
    if files:
        in_transaction(connection, lambda: _write_snapshot(connection, files), attempts)


def _write_snapshot(connection: duckdb.DuckDBPyConnection, files: Sequence[DataFile]) -> None:
    newest = connection.execute(f"SELECT max(snapshot_id) FROM {METADATA}.ducklake_snapshot").fetchone()
    assert newest is not None  # noqa: S101 - a lake begins with a snapshot
    tables = sorted({file.table_id for file in files})
    changes = ",".join(f"deleted_from_table:{table}" for table in tables)
    connection.execute(query("files/insert_snapshot").format(catalog=METADATA), {"newest": newest[0]})
    told = {"newest": newest[0], "changes": changes}
    connection.execute(query("files/insert_changes").format(catalog=METADATA), told)
    wanted = ", ".join(str(file.file_id) for file in files)
    for kind in ("data", "delete"):
        connection.execute(
            f"UPDATE {METADATA}.ducklake_{kind}_file SET end_snapshot = $1 "
            f"WHERE end_snapshot IS NULL AND data_file_id IN ({wanted})",
            [newest[0] + 1],
        )
