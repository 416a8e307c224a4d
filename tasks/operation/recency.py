"""Recency: which data files a run for one business date reads; older dates are read by backfills alone."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import duckdb

from warehouse.stored import DataFile, live_files

# What grows by a business date each night.
_DATED = ("features.", "segments.", "spend.steps")
# Backfills look at all files.
RECENT_DAYS = 40


def read_by_run(connection: duckdb.DuckDBPyConnection, today: date) -> Callable[[DataFile], bool]:
    """Return which files a run for a date may read: all but those of business dates long before it.

    Args:
        connection: A warehouse connection.
        today: The date.
    """
    since = _oldest_read(live_files(connection), today)
    periods = _periods_since(connection, since)
    return lambda file: not _is_past(file, since, periods)


def _oldest_read(files: Sequence[DataFile], today: date) -> date:
    """Return how far back a run reads: from the newest published date too, after a pause of months."""
    published = [file.last for file in files if file.table == "segments.by_date" and file.last]
    return min([today, max(published, default=today)]) - timedelta(days=RECENT_DAYS)


def _periods_since(connection: duckdb.DuckDBPyConnection, since: date) -> list[int]:
    """Return the periods that dates from a day on have among their steps; none in a warehouse of before."""
    try:
        rows = connection.execute("SELECT DISTINCT period_id FROM spend.steps WHERE as_of >= $1", [since]).fetchall()
    except duckdb.CatalogException:
        return []
    return [row[0] for row in rows]


def _is_past(file: DataFile, since: date, periods: Sequence[int]) -> bool:
    if file.first_period is not None and file.last_period is not None and file.table == "spend.periods":
        return not any(file.first_period <= period <= file.last_period for period in periods)
    return file.table.startswith(_DATED) and file.last is not None and file.last < since
