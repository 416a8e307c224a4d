"""Days made by hand, with the range and the silence that the definitions give for them."""

import numpy as np
import pytest

from model.types import IntArray
from model.volume import assess, days_needed, freshness, usual_range

LIMIT = 3
DAYS = days_needed(LIMIT)
FIVE_OF_SEVEN = np.arange(DAYS) % 7 < 5  # the last day, number 71, is the second of its week


def days(*newest: int, usual: int = 100) -> IntArray:
    """The usual number a day, and then the newest days."""
    counts = np.full(DAYS, usual)
    counts[DAYS - len(newest) :] = newest
    return counts


def silence(counts: IntArray, customers: IntArray | None = None, limit: int = LIMIT) -> int:
    return assess(counts, counts if customers is None else customers, limit).silent_days


def test_the_range_is_the_wider_of_factor_and_spread() -> None:
    regular = usual_range(np.full(56, 100), slice(0, 56))
    assert regular.low.tolist() == [25.0] * 7
    assert regular.high.tolist() == [400.0] * 7
    # Median 100 and a median deviation of 40: 3 x 1.4826 x 40 = 177.912 reaches beyond 0, but not beyond 4 x 100.
    wild = usual_range(np.repeat([60, 140] * 4, 7), slice(0, 56))
    assert wild.low.tolist() == [0.0] * 7
    assert wild.high.tolist() == [400.0] * 7
    # Median 100 and a median deviation of 100.
    wilder = usual_range(np.repeat([0, 220, 0, 220, 100, 220, 0, 100], 7), slice(0, 56))
    assert wilder.high == pytest.approx([100 + 3 * 1.4826 * 100] * 7)


def test_each_weekday_has_a_range_of_its_own() -> None:
    counts = np.tile([10, 20, 30, 40, 50, 8, 0], 8)
    ranges = usual_range(counts, slice(0, 56))
    assert ranges.low.tolist() == [2.5, 5.0, 7.5, 10.0, 12.5, 2.0, 0.0]
    assert ranges.high.tolist() == [40, 80, 120, 160, 200, 32, np.inf]
    assert ranges.expected.tolist() == [True] * 6 + [False]


def test_one_holiday_does_not_move_the_range() -> None:
    counts = np.full(56, 100)
    counts[[3, 10]] = 0
    assert usual_range(counts, slice(0, 56)).low.tolist() == [25.0] * 7


@pytest.mark.parametrize("silent", range(8))
def test_days_without_rows_are_counted_one_by_one(silent: int) -> None:
    assert silence(days(*[0] * silent)) == silent


def test_a_trickle_is_as_silent_as_nothing() -> None:
    assert silence(days(24, 24, 24, 24)) == 4
    assert silence(days(25, 25, 25, 25)) == 0
    assert silence(days(24, 25, 24, 24)) == 2


def test_rows_of_few_customers_are_a_trickle_too() -> None:
    assert silence(days(), customers=days(3, 3, usual=50)) == 2


def test_weekends_without_rows_do_not_count_and_holidays_do() -> None:
    counts = np.where(FIVE_OF_SEVEN, 100, 0)
    counts[DAYS - 1] = 0  # the night of the second weekday
    assert silence(counts) == 1
    counts[DAYS - 2] = 0  # Easter Monday
    assert silence(counts) == 2
    counts[DAYS - 5] = 0  # Good Friday
    assert silence(counts) == 3


def test_a_few_rows_on_a_weekend_are_no_sign_of_life() -> None:
    counts = np.where(FIVE_OF_SEVEN, 100, 0)
    counts[DAYS - 5 :] = [0, 2, 2, 0, 0]
    assert silence(counts) == 3


def test_a_feed_that_dwindles_is_not_its_own_measure() -> None:
    for lasting in (4, 10, 13, 20, 30):
        assert silence(days(*[5] * lasting)) == lasting


def test_without_history_any_row_is_a_sign_of_life_and_every_day_counts() -> None:
    counts = np.zeros(DAYS, dtype=np.int64)
    counts[-40:] = 100
    assert assess(counts, counts, LIMIT).weeks == 0  # 40 days less the 13 under judgement
    counts[-6:] = [1, 0, 0, 0, 0, 0]
    found = assess(counts, counts, LIMIT)
    assert (found.silent_days, found.unusual, found.weeks) == (5, (), 0)


def test_four_weeks_are_history_enough() -> None:
    counts = np.zeros(DAYS, dtype=np.int64)
    counts[-41:] = 100
    assert assess(counts, counts, LIMIT).weeks == 4


def test_a_feed_of_random_days_is_silent_on_every_day_without_rows() -> None:
    counts = np.zeros(DAYS, dtype=np.int64)
    counts[[0, 9, 25, 40, 50, 66]] = 30
    assert silence(counts) == 5


def test_days_with_far_too_many_or_too_few_rows_are_told() -> None:
    found = assess(days(100, 401, 24, 100, 0), days(), LIMIT)
    assert (found.unusual, found.silent_days, found.weeks) == ((DAYS - 4, DAYS - 3), 1, 8)
    assert assess(days(400, 25, 100, 0), days(), LIMIT).unusual == ()


def test_the_business_date_itself_and_older_days_are_not_told() -> None:
    assert assess(days(1, 100, 100, 100, 9999), days(), LIMIT).unusual == ()


def test_unlike_customers_alone_are_told() -> None:
    assert assess(days(), days(100, 500, 100, 100), LIMIT).unusual == (DAYS - 3,)


@pytest.mark.parametrize("limit", [1, 3, 10, 35])
def test_a_dead_feed_of_weekdays_passes_any_limit_in_the_end(limit: int) -> None:
    counts = np.where(np.arange(days_needed(limit)) % 7 < 5, 100, 0)
    counts[-(2 * limit + 7) :] = 0
    assert freshness(silence(counts, limit=limit), limit) == "critical"
    counts = np.where(np.arange(days_needed(limit)) % 7 < 5, 100, 0)
    counts[-(2 * limit + 7) :] = 1
    assert freshness(silence(counts, limit=limit), limit) == "critical"


@pytest.mark.parametrize(
    ("limit", "levels"), [(1, "ffcc"), (2, "ffwcc"), (3, "ffwwcc"), (4, "fffwwc"), (35, "f" * 18 + "w" * 18 + "c")]
)
def test_a_warning_comes_beyond_half_of_the_limit(limit: int, levels: str) -> None:
    assert "".join(freshness(silent, limit)[0] for silent in range(len(levels))) == levels
