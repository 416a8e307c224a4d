"""Backfill: the windows of a range, what each would cost, and the state of each in ops.backfill."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

import duckdb

from tasks.operation.provenance import (
    LET_GO,
    PERIODS,
    RELEASE,
    Versions,
    date_versions,
    moved,
    period_versions,
    recorded,
)
from tasks.operation.retention import Retention, read_retention
from tasks.operation.status import ask
from tasks.operation.tables import Table
from warehouse.connection import connect, in_transaction
from warehouse.errors import MicrosegError
from warehouse.queries import query
from warehouse.settings import Settings

Every = Literal["month", "week", "day"]
Stages = Literal["recompute", "reload", "republish"]
SUNDAY = 6


@dataclass(frozen=True)
class Window:
    """One business date of a backfill, with what a preview shows.

    Attributes:
        as_of: Business date.
        transactions: Rows booked in the newest six times two months up to it.
        customers: Customers among them.
        published: Whether segments of the date exist.
        moved: What has changed since they were made, by name; empty when nothing has.
        last_status: Of the newest backfill of the date; empty when there was none.
        late: Rows booked up to it that were delivered after its segments were made: why a rebuild differs from
            what its night published.
        gone: Whether retention has let go of its features.
        kept: Whether they stay once they are made; else the next maintenance lets go of them.
    """

    as_of: date
    transactions: int
    customers: int
    published: bool
    moved: str
    last_status: str
    late: int
    gone: bool = False
    kept: bool = True

    @property
    def current(self) -> bool:
        """Whether a rebuild would change nothing."""
        return self.published and not self.moved and not self.gone

    @property
    def features(self) -> str:
        """What becomes of its features, in a few words."""
        if self.gone:
            return "let go of"
        return "kept" if self.kept else "until the next maintenance"


def business_dates(start: date, end: date, every: Every) -> list[date]:
    """Return the business dates of a range, ends included.

    They are anchored in the calendar, not at the start: any split of a range gives the same dates.

    Args:
        start: First day.
        end: Last day.
        every: ``month``: last days of months; ``week``: Sundays; ``day``: all days.

    Raises:
        MicrosegError: The range is empty, or holds no such day.

    >>> business_dates(date(2024, 1, 15), date(2024, 3, 1), "month")
    [datetime.date(2024, 1, 31), datetime.date(2024, 2, 29)]
    """
    days = (start + timedelta(days=n) for n in range((end - start).days + 1))
    dates = [day for day in days if _is_wanted(day, every)]
    if not dates:
        what = {"month": "end of a month", "week": "Sunday", "day": "day"}[every]
        raise MicrosegError(f"no {what} lies between {start} and {end}: choose a longer range")
    return dates


def _is_wanted(day: date, every: Every) -> bool:
    if every == "month":
        return day.day == monthrange(day.year, day.month)[1]
    return every == "day" or day.weekday() == SUNDAY


def published_dates(settings: Settings, until: date, lookback_days: int) -> list[date]:
    """Return the dates within a look-back that have segments, oldest first."""
    since = until - timedelta(days=lookback_days)
    statement = "SELECT as_of FROM segments.dates WHERE as_of > $1 AND as_of <= $2 ORDER BY as_of"
    with connect(settings, read_only=True) as connection:
        return [row[0] for row in connection.execute(statement, [since, until]).fetchall()]


def preview(settings: Settings, dates: list[date]) -> list[Window]:
    """Return what there is for each date; nothing is written."""
    with connect(settings, read_only=True) as connection:
        row = connection.execute("SELECT model_version FROM models.versions WHERE alias = 'champion'").fetchone()
        champion, retention = str(row[0]) if row else "", read_retention(connection, settings)
        return [_window(connection, settings, as_of, champion, retention) for as_of in dates]


def _window(
    connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date, champion: str, retention: Retention
) -> Window:
    row = connection.execute(query("ops/preview_window"), {"as_of": as_of}).fetchone() or (0, 0, False, "", 0)
    transactions, customers, published, status, late = row
    periods = _periods_of_today(connection, as_of)
    today = date_versions(connection, settings, as_of, periods, champion)
    gone, kept = as_of in retention.gone, retention.keeps(as_of)
    change = moved(recorded(connection, as_of, LET_GO if gone else RELEASE), today)
    # Rows came, and were withdrawn: what is released stands, but a run that was not released has left other periods.
    change = change or ("" if gone else moved(recorded(connection, as_of, PERIODS), periods))
    return Window(as_of, transactions, customers, bool(published), change, status or "", late, gone, kept)


def _periods_of_today(connection: duckdb.DuckDBPyConnection, as_of: date) -> Versions:
    waiting = connection.execute(query("spend/select_waiting_months"), {"as_of": as_of}).fetchall()
    return {**period_versions(connection, as_of), **{f"{month:%Y-%m}": "not summed yet" for (month,) in waiting}}


def request(settings: Settings, dates: list[date], stages: Stages, run_id: str) -> None:
    """Enter every window as requested, so that a killed backfill shows what it still owes.

    Args:
        settings: Settings of the warehouse.
        dates: Business dates.
        stages: As the backfill was asked for.
        run_id: The run.
    """
    rows = [(run_id, as_of, stages) for as_of in dates]
    statement = (
        "INSERT INTO ops.backfill (run_id, as_of, stages, status, requested_at) VALUES ($1, $2, $3, 'requested', now())"
    )
    with connect(settings) as connection:
        in_transaction(connection, lambda: connection.executemany(statement, rows), settings.commit_attempts)


def mark(settings: Settings, run_id: str, as_of: date, status: str, message: str = "") -> None:
    """Move a window to another status; a success takes the rows and the checksum of its segments along.

    Args:
        settings: Settings of the warehouse.
        run_id: The run.
        as_of: Business date of the window.
        status: running, succeeded or failed.
        message: Why it failed; counts and keys alone.
    """
    values = {"run_id": run_id, "as_of": as_of, "status": status, "message": message, "at": datetime.now().astimezone()}
    with connect(settings) as connection:
        in_transaction(
            connection, lambda: connection.execute(query("ops/update_backfill"), values), settings.commit_attempts
        )


def dismiss(settings: Settings, as_of: date) -> str:
    """Give a date up whose backfill failed, or was stopped, and that can never succeed.

    Args:
        settings: Settings of the warehouse.
        as_of: Business date.

    Returns:
        What its newest backfill said.

    Raises:
        MicrosegError: The newest backfill of the date did not fail; the message names the dates whose did.
    """
    failed = dict(ask(settings, "failed_windows"))
    if str(as_of) not in failed:
        others = f"those that did: {', '.join(failed)}" if failed else "nor did any other"
        raise MicrosegError(f"the newest backfill of {as_of} did not fail; {others}")
    statement = query("ops/dismiss_backfill")
    with connect(settings) as connection:
        in_transaction(connection, lambda: connection.execute(statement, {"as_of": as_of}), settings.commit_attempts)
    return failed[str(as_of)]


def failed_dates(settings: Settings, dates: list[date]) -> list[date]:
    """Return those dates whose newest backfill did not succeed."""
    finished = ("succeeded", "dismissed", "")
    return [window.as_of for window in preview(settings, dates) if window.last_status not in finished]


def windows_table(title: str, windows: list[Window]) -> Table:
    """Return the dates as a table, with what a rebuild would change."""
    header = ("date", "transactions", "customers", "published", "late rows", "rebuild", "features", "last backfill")
    rows = (
        (
            str(window.as_of),
            f"{window.transactions:,}",
            f"{window.customers:,}",
            "yes" if window.published else "no",
            f"{window.late:,}",
            _rebuild(window),
            window.features,
            window.last_status or "never",
        )
        for window in windows
    )
    return Table(title, header, tuple(rows))


def _rebuild(window: Window) -> str:
    if not window.customers:
        return "no data"
    if not window.published:
        return "yes: never released"
    why = ["let go of by retention"] * window.gone + [window.moved] * bool(window.moved)
    return f"yes: {', '.join(why)}" if why else "nothing to do"


def passing_line(windows: list[Window]) -> str:
    """Return in one line of how many dates a backfill lasts until the next maintenance alone; empty where of none."""
    passing = sum(not window.kept for window in windows)
    if not passing:
        return ""
    return (
        f"{passing} of {len(windows)} dates: more than MICROSEG_KEEP_DAYS before the newest published one and no month "
        "end, so the next maintenance lets go of their features again; their segments stay."
    )
