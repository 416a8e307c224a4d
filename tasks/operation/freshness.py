"""Freshness: what each feed has delivered up to a business date, and a gate that closes on a feed that is dead."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np

from expectations import freshness as expected
from expectations.engine import validate
from expectations.verdict import enforce
from model.types import IntArray
from model.volume import Freshness, assess, days_needed, freshness
from tasks.operation.provenance import fingerprint
from tasks.operation.tables import Table
from tasks.operation.validate import Gate, record_verdict, unpassed
from tasks.units.raw_rows import Rows, rows_by_months
from tasks.units.unit import Crew
from warehouse.connection import connect, in_transaction
from warehouse.errors import GateError
from warehouse.queries import query
from warehouse.settings import Settings
from warehouse.sources.feeds import feeds_of

Days = dict[date, tuple[int, int]]  # rows and customers of each booking date


@dataclass(frozen=True)
class Feed:
    """A feed as it stands on a business date.

    Attributes:
        name: Entry of MICROSEG_SOURCE.
        newest_booking: Newest booking date up to the business date; None when there is no row yet.
        silent_days: Days after the last one with the usual rows; weekdays without rows as a rule do not count.
        level: What the silence means.
        unusual_days: Recent days with too few or too many rows or customers.
        remark: Those days with their counts, or why there is no verdict; empty when all is as usual.
    """

    name: str
    newest_booking: date | None
    silent_days: int = 0
    level: Freshness = "unjudged"
    unusual_days: int = 0
    remark: str = "no rows are booked up to this date"

    @property
    def line(self) -> str:
        """The feed in words."""
        booked = f"{self.name}: newest booking {self.newest_booking or 'none'}"
        silent = f", {self.silent_days} days without the usual rows" * (self.level in ("warning", "critical"))
        return booked + silent + (f"; {self.remark}" if self.remark else "")


def read_feeds(
    connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date, crew: Crew | None = None
) -> list[Feed]:
    """Judge the feeds on the rows booked up to a business date.

    Those of MICROSEG_SOURCE are judged, and no other: one that a person took out has ended. Where none is set, it is
    those that the newest night was told to load.

    Args:
        connection: A warehouse connection.
        settings: The feeds and the limit.
        as_of: Business date.
        crew: Reads the raw rows; None: they are read here.
    """
    limit = settings.max_silence_days
    names = feeds_of(settings.source) or _of_the_newest_night(connection)
    after = as_of + timedelta(days=1)

    def read(name: str, first_day: date, feeds: Sequence[str]) -> Rows:
        return rows_by_months(connection, settings, f"ops/{name}", (first_day, after), crew, feeds) if feeds else []

    delivered = _by_feed(read("select_feed_days", after - timedelta(days=days_needed(limit)), names))
    silent = [name for name in names if name not in delivered]
    newest = _newest(read("select_newest_bookings", date.min, silent))
    return [
        judge(name, delivered[name], as_of, limit)
        if name in delivered
        else judge_silent(name, newest.get(name), as_of, limit)
        for name in names
    ]


def judge(name: str, days: Days, as_of: date, limit: int) -> Feed:
    """Judge a feed by the rows and customers of its newest days.

    Args:
        name: The feed.
        days: Those with rows, up to the business date and not before what `days_needed` says.
        as_of: Business date.
        limit: Days of silence that are let pass.
    """
    dates = [as_of - timedelta(days=ago) for ago in reversed(range(days_needed(limit)))]
    rows, customers = _counts(days, dates, 0), _counts(days, dates, 1)
    volume = assess(rows, customers, limit)
    odd = [
        f"{dates[n]} has {rows[n]:,} rows of {customers[n]:,} customers, unusual for its weekday"
        for n in volume.unusual
    ]
    remark = "; ".join(odd) if volume.weeks else "too little history to judge its volume"
    level = freshness(volume.silent_days, limit)
    return Feed(name, max(days), volume.silent_days, level, len(odd), remark)


def judge_silent(name: str, newest: date | None, as_of: date, limit: int) -> Feed:
    """Judge a feed without a row in the newest weeks: of so long a silence every day counts."""
    if newest is None:
        return Feed(name, None)
    days = (as_of - newest).days
    return Feed(name, newest, days, freshness(days, limit), remark="")


def pass_freshness(settings: Settings, as_of: date, run_id: str, crew: Crew | None = None) -> list[Feed]:
    """Judge the feeds, record what was found, and stop the run when one of them is dead.

    It judges anew each time, since the verdict hangs on the date and on two settings too; feeds that are judged as they
    were when they passed are not asked about once more.

    Args:
        settings: The feeds and the limit.
        as_of: Business date of the run.
        run_id: The run.
        crew: Reads the raw rows; None: they are read here.

    Returns:
        The feeds, none of them critical.

    Raises:
        GateError: Names each dead feed, its newest booking date, the days, and what to do.
    """
    with connect(settings) as connection:
        feeds = read_feeds(connection, settings, as_of, crew)
        in_transaction(connection, lambda: _record_feeds(connection, feeds, as_of, run_id), settings.commit_attempts)
        # Of any run: what counts is what was found.
        content = repr(expected.suite(as_of, "", settings.max_silence_days))
        subjects = unpassed(connection, expected.NAME, as_of.isoformat(), fingerprint(content, repr(feeds)))
    if subjects:
        gate = Gate(expected.suite(as_of, run_id, settings.max_silence_days), subjects)
        verdict = validate(settings, gate.suite, as_of, run_id)
        record_verdict(settings, verdict, gate, run_id, as_of)
        if any(feed.level == "critical" for feed in feeds):
            raise GateError(_closed(feeds, as_of, settings.max_silence_days))
        enforce(verdict)
    return feeds


def feeds_table(feeds: Sequence[Feed]) -> Table:
    """Return the feeds as a table, the worst first."""
    ranked = sorted(feeds, key=lambda feed: (feed.level == "fresh", -feed.silent_days, feed.name))
    rows = tuple((f.name, str(f.newest_booking or "none"), str(f.silent_days), f.level, f.remark) for f in ranked)
    return Table("Feeds", ("feed", "newest booking", "silent days", "level", "remark"), rows)


def _closed(feeds: Sequence[Feed], as_of: date, limit: int) -> str:
    dead = [feed.line for feed in feeds if feed.level == "critical"]
    lines = "\n".join(f"  {line}" for line in dead)
    return (
        f"gate {expected.NAME} is closed, nothing was published: on {as_of}, {len(dead)} of {len(feeds)} feeds had "
        f"been silent for more than {limit} days (MICROSEG_MAX_SILENCE_DAYS):\n{lines}\n"
        "Have the rows delivered and run again. If a feed has ended for good, take it out of MICROSEG_SOURCE; if it is "
        "delivered less often, raise MICROSEG_MAX_SILENCE_DAYS to the days between two deliveries."
    )


def _of_the_newest_night(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [str(feed) for (feed,) in connection.execute(query("ops/select_judged_feeds")).fetchall()]


def _by_feed(rows: Rows) -> dict[str, Days]:
    delivered: dict[str, Days] = defaultdict(dict)
    for name, day, count, customers in rows:
        delivered[name][day] = (count, customers)
    return dict(delivered)


def _newest(rows: Rows) -> dict[str, date]:
    """Return the newest date of each feed, of which several parts may have one."""
    return dict(sorted(rows, key=lambda row: row[1]))


def _counts(days: Days, dates: Sequence[date], column: int) -> IntArray:
    return np.array([days.get(day, (0, 0))[column] for day in dates], dtype=np.int64)


def _record_feeds(connection: duckdb.DuckDBPyConnection, feeds: Sequence[Feed], as_of: date, run_id: str) -> None:
    connection.execute("DELETE FROM ops.freshness WHERE run_id = $1 AND as_of = $2", [run_id, as_of])
    for feed in feeds:
        verdict = {name: value for name, value in vars(feed).items() if name != "name"}
        line = {"run_id": run_id, "as_of": as_of, "feed": feed.name}
        connection.execute(query("ops/insert_freshness"), line | verdict)
