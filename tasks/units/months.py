"""Months as units take them: large ones one by one, since that keeps memory flat, and small ones together."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from warehouse.months import next_month
from warehouse.stored import DataFile

MONTHS_AT_ONCE = 12
ROWS_AT_ONCE = 2_000_000  # of raw rows, for one unit
Span = tuple[date, date]  # the first day of a month and of the next


def batches(months: Sequence[Span], files: Sequence[DataFile]) -> Iterator[list[Span]]:
    """Return months that are large one by one, and small ones that follow each other together.

    Args:
        months: In order.
        files: Of raw rows.
    """
    done = 0
    while done < len(months):
        months_left = months[done:]
        first = sum(file.rows_held for file in files if file.overlaps(*months_left[0]))
        batch = consecutive(months_left, max(1, min(MONTHS_AT_ONCE, ROWS_AT_ONCE // max(first, 1))))
        yield batch
        done += len(batch)


def consecutive(months: Sequence[Span], limit: int) -> list[Span]:
    """Return the months from the first on, up to a gap or the limit."""
    batch = [months[0]]
    for before, month in pairwise(months[:limit]):
        if before[1] != month[0]:
            break
        batch.append(month)
    return batch


def months_between(start: date, end: date) -> list[Span]:
    """Return the months from a day to before another, the first and the last perhaps in part.

    >>> months_between(date(2024, 1, 15), date(2024, 2, 2))
    [(datetime.date(2024, 1, 15), datetime.date(2024, 2, 1)), (datetime.date(2024, 2, 1), datetime.date(2024, 2, 2))]
    """
    spans: list[Span] = []
    while start < end:
        spans.append((start, min(next_month(start), end)))
        start = spans[-1][1]
    return spans
