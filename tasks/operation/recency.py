"""Recency: which data files a run for one business date reads; older dates are read by backfills alone."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import duckdb

from tasks.operation.held_traces import BY_ID
from warehouse.stored import DataFile, live_files

# What grows by a business date each night.
_DATED = ("features.", "segments.", "spend.steps")
# What is written once for all dates that have it among their steps, with the query of its ids.
_BY_STEP = {
    "spend.periods": "SELECT DISTINCT period_id FROM spend.steps",
} | {table: f"SELECT DISTINCT {column} FROM features.traced" for column, tables in BY_ID.items() for table in tables}
# Backfills look at all files.
RECENT_DAYS = 40


def read_by_run(connection: duckdb.DuckDBPyConnection, today: date) -> Callable[[DataFile], bool]:
    """Return which files a run for a date may read: all but those of business dates long before it.

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
    return file.table.startswith(_DATED) and file.last is not None and file.last < since
