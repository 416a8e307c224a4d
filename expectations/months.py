"""Which months a suite looks at, and the half-open ranges that keep every other file of a large table closed."""

from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from warehouse.months import next_month


def month_spans(months: Iterable[date]) -> list[tuple[date, date]]:
    """Merge months into as few half-open spans as possible.

    Args:
        months: Any days of the months.

    Returns:
        First day and exclusive end of each span, in order.

    >>> month_spans([date(2026, 1, 1), date(2025, 12, 1), date(2026, 3, 1)])
    [(datetime.date(2025, 12, 1), datetime.date(2026, 2, 1)), (datetime.date(2026, 3, 1), datetime.date(2026, 4, 1))]
    """
    spans: list[tuple[date, date]] = []
    for month in sorted({day.replace(day=1) for day in months}):
        if spans and spans[-1][1] == month:
            spans[-1] = (spans[-1][0], next_month(month))
        else:
            spans.append((month, next_month(month)))
    return spans


def within(column: str, months: Iterable[date] | None) -> str:
    """Return the SQL condition that a date column lies in one of the months.

    Args:
        column: A DATE column.
        months: Any days of the months; None for all of time.
    """
    if months is None:
        return "true"
    spans = month_spans(months)
    if not spans:
        return "false"
    ranges = " OR ".join(f"({half_open(column, start, end)})" for start, end in spans)
    # The outer bounds prune files even where the engine does not push a disjunction down to them.
    return f"({half_open(column, spans[0][0], spans[-1][1])} AND ({ranges}))"


def outside(column: str, months: Iterable[date]) -> str:
    """Return the SQL condition that a date column lies in none of the months, or is null.

    Ranges again: files of the months stay closed.

    >>> outside("d", [date(2026, 1, 1), date(2026, 2, 1)])
    "(d IS NULL OR d < DATE '2026-01-01' OR d >= DATE '2026-03-01')"
    """
    spans = month_spans(months)
    if not spans:
        return "true"
    gaps = [half_open(column, before, after).join("()") for (_, before), (after, _) in pairwise(spans)]
    first, last = f"{column} < DATE '{spans[0][0]}'", f"{column} >= DATE '{spans[-1][1]}'"
    return " OR ".join([f"{column} IS NULL", first, *gaps, last]).join("()")


def half_open(column: str, start: date, end: date) -> str:
    """Return the SQL condition that a date column lies in [start, end)."""
    return f"{column} >= DATE '{start}' AND {column} < DATE '{end}'"
