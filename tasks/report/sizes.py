"""Sizes: the published segments of a date as they may be told today, and the dates that a report looks back on."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple, cast

from model.disclosure import joining
from model.vocabulary import WITHHELD
from tasks.report.content import Sized
from tasks.report.context import Context
from warehouse.errors import MicrosegError

# A report looks back on so many dates, whatever the history: the newest, and before them the last one of each month.
NEWEST = 14
MONTHS = 12
Memberships = tuple[float, float, float, float, float]


class Row(NamedTuple):
    """A row of segments.summary.

    Attributes:
        segment: Order of traits or a word.
        depth: Number of traits.
        customers: Its size.
        margin: Mean, degrees; None where there is none.
        memberships: Mean; None where nobody was traced.
    """

    segment: str
    depth: int
    customers: int
    margin: float | None
    memberships: Memberships | None


Summaries = Mapping[date, Sequence[Row]]


def shown_dates(dates: Sequence[date]) -> list[date]:
    """Return which of the published dates are shown, oldest first.

    Args:
        dates: Published dates, ascending.

    >>> shown_dates([date(2026, month, day) for month in (1, 2, 3) for day in range(10, 24)])[:3]
    [datetime.date(2026, 1, 23), datetime.date(2026, 2, 23), datetime.date(2026, 3, 10)]
    """
    older, newest = dates[:-NEWEST], dates[-NEWEST:]
    covered = {(day.year, day.month) for day in newest}
    last = {(day.year, day.month): day for day in older}
    return sorted(day for month, day in last.items() if month not in covered)[-MONTHS:] + list(newest)


def year_before(dates: Sequence[date], as_of: date) -> date | None:
    """Return the last published date of the same month a year before; None where there is none.

    >>> year_before([date(2025, 2, 27), date(2025, 2, 28), date(2026, 2, 10)], date(2026, 2, 10))
    datetime.date(2025, 2, 28)
    """
    month = (as_of.year - 1, as_of.month)
    return max((day for day in dates if (day.year, day.month) == month), default=None)


def read_dates(context: Context) -> list[date]:
    """Return the published dates up to the report's own, ascending."""
    return [cast("date", day) for (day,) in context.rows("select_released_dates", as_of=context.as_of)]


def read_summaries(context: Context, dates: Sequence[date]) -> Summaries:
    """Return the segments of some dates, as they are published; largest first."""
    rows: dict[date, list[Row]] = {day: [] for day in dates}
    for day, segment, depth, customers, margin, *outputs in context.rows_of("select_summary", dates):
        memberships = None if None in outputs else cast("Memberships", tuple(outputs))
        rows[cast("date", day)].append(Row(str(segment), depth, customers, margin, memberships))  # type: ignore[arg-type]
    return rows


def told(rows: Sequence[Row], min_size: int) -> list[Row]:
    """Return the segments that may be told, largest first: those published under a smaller minimum size in one.

    Raises:
        MicrosegError: All customers together are fewer than the minimum.
    """
    sizes = {row.segment: row.customers for row in rows}
    if 0 < sum(sizes.values()) < min_size:
        raise MicrosegError("fewer customers than MICROSEG_MIN_SEGMENT_SIZE are published: there is nothing to show")
    merged = _merged(sizes, min_size)
    if not merged:
        return list(rows)
    kept = [row for row in rows if row.segment not in merged]
    together = Row(WITHHELD, 0, sum(sizes[segment] for segment in merged), None, None)
    return sorted([*kept, together], key=lambda row: (-row.customers, row.segment))


def _merged(sizes: Mapping[str, int], min_size: int) -> set[str]:
    """Return the segments that go in one, `WITHHELD` among them where there is one; none where all are large enough."""
    others = {segment: size for segment, size in sizes.items() if segment != WITHHELD}
    merged = joining(others, min_size, sizes.get(WITHHELD, 0))
    return {*merged, *({WITHHELD} & sizes.keys())} if merged else set()


def trend(summaries: Summaries, segment: str, min_size: int) -> list[Sized]:
    """Return the sizes of a segment at each date, ascending; None where it was not published, or may not be told."""
    return [Sized(day, _size(summaries[day], segment, min_size)) for day in sorted(summaries)]


def _size(rows: Sequence[Row], segment: str, min_size: int) -> int | None:
    sizes = {row.segment: row.customers for row in rows}
    return None if segment in _merged(sizes, min_size) else sizes.get(segment)
