"""Months: their first days, and the arithmetic of the calendar."""

from datetime import date


def next_month(month: date, count: int = 1) -> date:
    """Return the first day of the month `count` months later (earlier when negative).

    >>> next_month(date(2025, 12, 31))
    datetime.date(2026, 1, 1)
    """
    years, zero_based = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(years, zero_based + 1, 1)
