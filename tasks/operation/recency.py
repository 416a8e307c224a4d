"""Recency: which data files a run for one business date reads; older dates are read by backfills alone."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import duckdb

from tasks.operation.code_version import SPENDING, code_version
from tasks.operation.held_traces import BY_ID
from warehouse.queries import query
from warehouse.stored import DataFile, live_files

# What grows by a business date each night.
_DATED = ("features.", "segments.", "spend.steps")
# What is written once for all dates that have it among their steps, with the query of its ids.
_BY_STEP = {
    "spend.periods": "SELECT DISTINCT period_id FROM spend.steps",
} | {table: f"SELECT DISTINCT {column} FROM features.traced" for column, tables in BY_ID.items() for table in tables}
# What windows read, a year and the month that is open back from their date. Months before are summed again where rows
# came late, and looked at then (`tasks.operation.verify.check_stale_months`).
_MONTHLY = frozenset({"raw.transactions", "spend.monthly"})
_WINDOW_DAYS = 400
# Backfills look at all files.
RECENT_DAYS = 40


def read_by_run(connection: duckdb.DuckDBPyConnection, today: date) -> Callable[[DataFile], bool]:
    """Return which files a run for a date may read: all but those of business dates and months long before it.

    Args:
        connection: A warehouse connection.
        today: The date.
    """
    files = live_files(connection)
    since = _oldest_read(files, today)
    # A warehouse of before has no such tables, so no files of them.
    written = _BY_STEP.keys() & {file.table for file in files}
    ids = {table: _ids_since(connection, _BY_STEP[table], since) for table in written}
    return lambda file: not _is_past(file, since, ids.get(file.table, []))


def read_by_sums(connection: duckdb.DuckDBPyConnection) -> Callable[[DataFile], bool]:
    """Return which files hold rows of the months that are to be summed again."""
    connection.execute(query("spend/create_stale"), {"code": code_version(*SPENDING)})
    months = connection.execute(query("spend/select_stale_months")).fetchall()

    def is_read(file: DataFile) -> bool:
        if file.table != "raw.transactions" or file.first is None or file.last is None:
            return False
        return any(file.first < after and file.last >= first for first, after in months)

    return is_read


def _oldest_read(files: Sequence[DataFile], today: date) -> date:
    """Return how far back a run reads: from the newest published date too, after a pause of months."""
    published = [file.last for file in files if file.table == "segments.by_date" and file.last]
    return min([today, max(published, default=today)]) - timedelta(days=RECENT_DAYS)


def _ids_since(connection: duckdb.DuckDBPyConnection, steps: str, since: date) -> list[int]:
    """Return the ids that dates from a day on have among their steps."""
    return [row[0] for row in connection.execute(f"{steps} WHERE as_of >= $1", [since]).fetchall()]


def _is_past(file: DataFile, since: date, ids: Sequence[int]) -> bool:
    if file.first_id is not None and file.last_id is not None and file.table in _BY_STEP:
        return not any(file.first_id <= held_id <= file.last_id for held_id in ids)
    if file.table in _MONTHLY:
        since -= timedelta(days=_WINDOW_DAYS)
    elif not file.table.startswith(_DATED):
        return False
    return file.last is not None and file.last < since
