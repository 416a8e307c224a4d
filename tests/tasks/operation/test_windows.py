"""Which dates of a range a backfill works on, in which order, and which it skips."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.operation.windows import Every, Which, Window, business_dates, last_business_date, plan
from tasks.publishing.backfill_tables import Rebuilt, plan_lines, preview_page, rebuilt_line, rebuilt_table
from warehouse.connection import connect
from warehouse.errors import MicrosegError
from warehouse.settings import Settings

DAYS = st.dates(date(2020, 1, 1), date(2026, 12, 31))
STATUSES = st.sampled_from(["", "succeeded", "skipped", "dismissed", "failed", "requested", "running"])
WINDOWS = st.builds(
    Window,
    as_of=DAYS,
    transactions=st.integers(0, 3),
    customers=st.just(1),
    published=st.booleans(),
    moved=st.sampled_from(["", "model"]),
    last_status=STATUSES,
    late=st.just(0),
    skipped=st.sampled_from(["", "never released"]),
)
EVERY = st.sampled_from(["month", "week", "day"])


@given(DAYS, DAYS, EVERY)
def test_a_range_that_ends_before_it_begins_is_called_reversed(first: date, last: date, every: Every) -> None:
    if first <= last:
        first, last = last + timedelta(days=1), first
    with pytest.raises(MicrosegError, match=f"^the range is reversed: its last day, {last}, is before its first"):
        business_dates(first, last, every)


@given(WINDOWS)
def test_each_date_that_needs_a_backfill_is_in_a_choice_of_its_own(window: Window) -> None:
    chosen = {which for which in ("missing", "failed", "stale", "all") if window.wanted(which)}
    assert "all" in chosen
    assert ("missing" in chosen) != window.published
    assert ("failed" in chosen) == (window.last_status in {"failed", "requested", "running"})
    assert ("stale" in chosen) == (window.published and window.moved != "")


@given(DAYS, st.integers(0, 400), st.integers(1, 40))
def test_a_night_can_be_made_again_and_no_day_to_come(newest: date, days: int, patience: int) -> None:
    today = newest + timedelta(days=days)
    last = last_business_date(newest, today, Settings(max_silence_days=patience))
    assert last is not None
    assert newest <= last <= today
    assert (last - newest).days <= patience


@pytest.mark.warehouse
def test_the_newest_date_is_first_and_what_cannot_be_made_is_skipped(lake: Settings) -> None:
    with connect(lake) as connection:
        connection.execute("INSERT INTO raw.transactions BY NAME SELECT DATE '2024-06-15' AS booked_on")
    dates = business_dates(date(2023, 5, 1), date(2024, 8, 31), "month")
    windows = plan(lake, dates, "all", "recompute")
    assert [window.as_of for window in windows] == dates[::-1]
    skipped = {window.as_of: window.skipped for window in windows}
    assert skipped[date(2024, 8, 31)] == "beyond the newest row, 2024-06-15"
    assert skipped[date(2024, 5, 31)] == "no rows in the twelve months up to it"  # all rows are of June
    assert plan(lake, [date(2024, 6, 17)], "all", "recompute")[0].skipped == ""  # as near as a night may be
    assert plan(lake, [date(2024, 6, 17)], "all", "republish")[0].skipped == "never released"
    assert plan(lake, dates, "stale", "recompute") == []


def window(day: int, skipped: str = "", kept: bool = True) -> Window:
    return Window(date(2026, 1, day), 1, 1, False, "", "", 0, kept=kept, skipped=skipped)


def test_a_dry_run_says_first_that_nothing_was_written() -> None:
    windows = [window(31), window(30, "never released"), window(29, kept=False)]
    page = preview_page("Backfill", windows, "all", dry_run=True)
    assert page.index("Nothing was written") < page.index("2 dates to rebuild, 1 skipped") < page.index("2026-01-31")
    assert "1 of 3 dates: more than MICROSEG_KEEP_DAYS" in page
    assert "| skipped: never released |" in page
    assert "Nothing was written" not in preview_page("Backfill", windows, "all", dry_run=False)


@pytest.mark.parametrize("which", ["missing", "failed", "stale"])
def test_a_range_without_such_a_date_says_so(which: Which) -> None:
    assert plan_lines([], which)[0].startswith("Nothing to do: ")


@given(st.lists(STATUSES.filter(bool), min_size=1))
def test_the_line_of_a_result_counts_every_date_once(statuses: list[str]) -> None:
    rebuilt = [Rebuilt(date(2026, 1, 31), status, None, None, None, None, "") for status in statuses]
    owed = sum(status in {"failed", "requested", "running"} for status in statuses)
    line = rebuilt_line(rebuilt)
    assert line.startswith(f"{statuses.count('succeeded')} of {len(statuses)} date")
    assert (f"{owed} still to do" in line) == (owed > 0)
    assert len(rebuilt_table(rebuilt).rows) == len(statuses)
