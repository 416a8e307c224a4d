"""Windows: the business dates of a range, what there is for each, and which of them a backfill works on."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

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
from warehouse.connection import connect
from warehouse.errors import MicrosegError
from warehouse.queries import query
from warehouse.settings import Settings

Every = Literal["month", "week", "day"]
Stages = Literal["recompute", "reload", "republish"]
Which = Literal["missing", "failed", "stale", "all"]
SUNDAY = 6
# The newest backfill of a date that was never asked for, or that owes nothing.
SETTLED = ("", "succeeded", "skipped", "dismissed")


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
        skipped: Why nothing can be made of it, in a few words; empty where something can.
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
    skipped: str = ""

    @property
    def current(self) -> bool:
        """Whether a rebuild would change nothing."""
        return self.published and not self.moved and not self.gone

    def wanted(self, which: Which) -> bool:
        """Tell whether the date is one of those that a backfill was asked for.

        Args:
            which: ``missing``: without segments; ``failed``: its newest backfill failed, or was stopped; ``stale``:
                late rows came, or model, reference set, rule or code moved; ``all``.
        """
        if which == "missing":
            return not self.published
        if which == "failed":
            return self.last_status not in SETTLED
        return which == "all" or (self.published and bool(self.moved))


def business_dates(start: date, end: date, every: Every) -> list[date]:
    """Return the business dates of a range, ends included, oldest first.

    They are anchored in the calendar, not at the start: any split of a range gives the same dates.

    Args:
        start: First day.
        end: Last day.
        every: ``month``: last days of months; ``week``: Sundays; ``day``: all days.

    Raises:
        MicrosegError: The range is reversed, or holds no such day.

    >>> business_dates(date(2024, 1, 15), date(2024, 3, 1), "month")
    [datetime.date(2024, 1, 31), datetime.date(2024, 2, 29)]
    """
    if end < start:
        raise MicrosegError(f"the range is reversed: its last day, {end}, is before its first, {start}")
    days = (start + timedelta(days=n) for n in range((end - start).days + 1))
    dates = [day for day in days if _falls_on(day, every)]
    if not dates:
        what = {"month": "end of a month", "week": "Sunday", "day": "day"}[every]
        raise MicrosegError(f"no {what} lies between {start} and {end}: choose a longer range")
    return dates


def _falls_on(day: date, every: Every) -> bool:
    if every == "month":
        return day.day == monthrange(day.year, day.month)[1]
    return every == "day" or day.weekday() == SUNDAY


def published_dates(settings: Settings, until: date, lookback_days: int) -> list[date]:
    """Return the dates within a look-back that have segments, oldest first."""
    since = until - timedelta(days=lookback_days)
    statement = "SELECT as_of FROM segments.dates WHERE as_of > $1 AND as_of <= $2 ORDER BY as_of"
    with connect(settings, read_only=True) as connection:
        return [row[0] for row in connection.execute(statement, [since, until]).fetchall()]


def plan(settings: Settings, dates: Sequence[date], which: Which, stages: Stages) -> list[Window]:
    """Return the windows that a backfill is about, newest first: what readers look at is mended before the rest.

    Args:
        settings: Settings of the warehouse.
        dates: Business dates.
        which: As `Window.wanted`.
        stages: What would be done; a date of which that cannot be done says why it is skipped.
    """
    windows = preview(settings, sorted(dates, reverse=True))
    with connect(settings, read_only=True) as connection:
        newest = connection.execute("SELECT max(booked_on) FROM raw.transactions").fetchall()[0][0]
    today = datetime.now(UTC).astimezone(ZoneInfo(settings.timezone)).date()
    last = last_business_date(newest, today, settings)
    return [replace(one, skipped=_skipped(one, stages, newest, last)) for one in windows if one.wanted(which)]


def _skipped(window: Window, stages: Stages, newest: date | None, last: date | None) -> str:
    if stages == "republish":
        return "" if window.published else "never released"
    if last and window.as_of > last:
        return f"beyond the newest row, {newest}"
    return "" if window.transactions else "no rows in the twelve months up to it"


def preview(settings: Settings, dates: Sequence[date]) -> list[Window]:
    """Return what there is for each date; nothing is written."""
    with connect(settings, read_only=True) as connection:
        row = connection.execute("SELECT model_version FROM models.versions WHERE alias = 'champion'").fetchone()
        champion, retention = str(row[0]) if row else "", read_retention(connection, settings)
        return [_window(connection, settings, as_of, champion, retention) for as_of in dates]


def last_business_date(newest: date | None, today: date, settings: Settings) -> date | None:
    """Return the last date that can be made from the rows that are in; None where there are none.

    A night has no rows of its own day yet, and feeds may pause: so dates count that are no further from the newest row
    than the gate of the feeds lets pass, but none to come.

    >>> last_business_date(date(2026, 3, 9), date(2026, 3, 10), Settings(max_silence_days=3))
    datetime.date(2026, 3, 10)
    """
    if newest is None:
        return None
    return max(newest, min(newest + timedelta(days=settings.max_silence_days), today))


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
