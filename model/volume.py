"""Volume: for how long a feed has been silent, and which of its newest days are unlike others of their weekday."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from model.types import BoolArray, FloatArray, IntArray

Freshness = Literal["fresh", "warning", "critical", "unjudged"]

DAYS_IN_WEEK: Final = 7
WEEKS: Final = 8
# A median of fewer days of a weekday is moved by one holiday.
MIN_WEEKS: Final = 4
# What was loaded on a Monday morning is a weekend.
RECENT_DAYS: Final = 3
# A day is unusual only if both say so: a factor alone doubts small feeds, a spread alone doubts very regular ones.
FACTOR: Final = 4.0
SPREADS: Final = 3.0
MAD_TO_DEVIATION: Final = 1.4826  # of a normal distribution


@dataclass(frozen=True)
class UsualRange:
    """What the days of each weekday usually hold; the weekday of a day is its place in the data, modulo seven.

    Attributes:
        low: Fewer are too few. (7,)
        high: More are too many; infinite without history. (7,)
        expected: Whether the weekday has rows as a rule. (7,)
    """

    low: FloatArray
    high: FloatArray
    expected: BoolArray

    def too_few(self, counts: IntArray) -> BoolArray:
        """Tell of each day, (days,), whether it lies below the range of its weekday."""
        return np.asarray(counts < self.low[_weekdays(counts)])

    def too_many(self, counts: IntArray) -> BoolArray:
        """Tell of each day, (days,), whether it lies above the range of its weekday."""
        return np.asarray(counts > self.high[_weekdays(counts)])


@dataclass(frozen=True)
class Volume:
    """What the days of a feed say.

    Attributes:
        silent_days: Expected days after the last one with the usual rows and customers, the newest day included.
        unusual: Places of the recent days with too few or too many rows or customers, oldest first.
        weeks: Weeks of history that the ranges rest on; 0: too few for any verdict on volume.
    """

    silent_days: int
    unusual: tuple[int, ...]
    weeks: int


def days_needed(max_silence: int) -> int:
    """Return how many days up to the business date `assess` looks at.

    >>> days_needed(3)
    72
    """
    return WEEKS * DAYS_IN_WEEK + _stretch(max_silence) + max_silence


def assess(rows: IntArray, customers: IntArray, max_silence: int) -> Volume:
    """Compare the newest days of a feed with the weeks before them.

    The days under judgement do not shape the ranges, so a feed that dwindles is not its own measure at once.

    Args:
        rows: Rows a day, oldest first; the last is the business date. At least one is above zero. (days,)
        customers: Customers among them. (days,)
        max_silence: Days of silence that are let pass; more of them are judged than that.

    Returns:
        Silence, and the unusual days among the `RECENT_DAYS` before the last: the last may not be over yet.
    """
    past = _history(rows, max_silence)
    usual_rows, usual_customers = usual_range(rows, past), usual_range(customers, past)
    expected = usual_rows.expected[_weekdays(rows)]
    few = usual_rows.too_few(rows) | usual_customers.too_few(customers)
    many = usual_rows.too_many(rows) | usual_customers.too_many(customers)
    good = np.flatnonzero(expected & (rows > 0) & ~few)
    last_good = int(good[-1]) if len(good) else -1
    recent = np.arange(max(len(rows) - 1 - RECENT_DAYS, 0), len(rows) - 1)
    unusual = recent[(expected & (few | many))[recent]]
    weeks = (past.stop - past.start) // DAYS_IN_WEEK
    return Volume(int(expected[last_good + 1 :].sum()), tuple(unusual.tolist()), weeks if weeks >= MIN_WEEKS else 0)


def usual_range(counts: IntArray, past: slice) -> UsualRange:
    """Return the usual range of each weekday: median and median absolute deviation of its days in the past.

    Args:
        counts: Counts a day, (days,).
        past: The days to learn from; of fewer than `MIN_WEEKS` weeks nothing is learned, and any count is usual.
    """
    if past.stop - past.start < MIN_WEEKS * DAYS_IN_WEEK:
        return UsualRange(np.zeros(7), np.full(7, np.inf), np.ones(7, dtype=np.bool_))
    weekdays, held = _weekdays(counts)[past], counts[past].astype(np.float64)
    median = np.array([np.median(held[weekdays == day]) for day in range(DAYS_IN_WEEK)])
    spread = np.array([np.median(np.abs(held[weekdays == day] - median[day])) for day in range(DAYS_IN_WEEK)])
    reach = SPREADS * MAD_TO_DEVIATION * spread
    # A feed whose days come at random has no weekday with rows as a rule: then every day without rows is silent.
    expected = median > 0 if np.any(median > 0) else np.ones(DAYS_IN_WEEK, dtype=np.bool_)
    low, high = np.minimum(median / FACTOR, median - reach), np.maximum(median * FACTOR, median + reach)
    return UsualRange(np.maximum(low, 0.0), np.where(median > 0, high, np.inf), expected)


def freshness(silent_days: int, max_silence: int) -> Freshness:
    """Return what a silence means: critical beyond the limit, a warning beyond half of it.

    One day is never a warning: in the night the business date itself has no rows yet.

    >>> [freshness(days, 3) for days in range(5)]
    ['fresh', 'fresh', 'warning', 'warning', 'critical']
    """
    if silent_days > max_silence:
        return "critical"
    return "warning" if silent_days > max(1, max_silence / 2) else "fresh"


def _history(rows: IntArray, max_silence: int) -> slice:
    """Return the days to learn from: at most `WEEKS`, after the feed's first row and before those under judgement."""
    held = np.flatnonzero(rows)
    stop = max(int(held[-1]) + 1 - _stretch(max_silence), int(held[0]))
    return slice(max(stop - WEEKS * DAYS_IN_WEEK, int(held[0])), stop)


def _stretch(max_silence: int) -> int:
    """Return the days that hold more than `max_silence` weekdays, weekends and a holiday left out."""
    return 2 * max_silence + DAYS_IN_WEEK


def _weekdays(counts: IntArray) -> IntArray:
    return np.arange(len(counts), dtype=np.int64) % DAYS_IN_WEEK
