"""What a report shows of short, long, and let-go histories, and under another minimum size."""

from calendar import monthrange
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tasks.publishing.transitions import write_transitions
from tasks.report.content import Report
from tasks.report.read import read_report
from tasks.report.sizes import Row, shown_dates, told, trend, year_before
from tests.tasks.builders import Bank
from tests.tasks.report.released import SUMMARY, write_date, write_model
from tests.tasks.science.test_disclosure import Population
from warehouse.connection import connect, in_transaction
from warehouse.errors import MicrosegError
from warehouse.reference.versions import record_version

FIRST, SECOND = date(2024, 5, 30), date(2024, 5, 31)


@given(st.sets(st.dates(date(2024, 6, 1), date(2026, 1, 1)), min_size=1, max_size=300))
def test_at_most_26_dates_are_shown_whatever_the_history(known: set[date]) -> None:
    dates = sorted(known)
    shown = shown_dates(dates)
    assert shown == sorted(set(shown) & known)
    assert len(shown) <= 26
    assert shown[-14:] == dates[-14:]
    for day in shown[:-14]:
        assert not any((other.year, other.month) == (day.year, day.month) for other in shown if other != day)
        assert not any(day < other and (other.year, other.month) == (day.year, day.month) for other in known)


def test_a_year_of_nights_is_shown_by_its_newest_nights_and_its_month_ends() -> None:
    nights = [date(2025, 1, 1) + timedelta(days=number) for number in range(300)]
    shown = shown_dates(nights)
    assert shown[-14:] == nights[-14:]
    assert all(day.day == monthrange(day.year, day.month)[1] for day in shown[:-14])
    assert len(shown) == 14 + 9


def test_a_year_ago_is_the_month_end_of_that_month_where_it_is_published() -> None:
    dates = [date(2024, 2, 10), date(2024, 2, 29), date(2024, 3, 1), date(2025, 2, 10)]
    assert year_before(dates, date(2025, 2, 10)) == date(2024, 2, 29)
    assert year_before(dates, date(2025, 4, 30)) is None


names = st.sampled_from(["E", "E.A", "C", "O.N", "withheld", "insufficient_data"])


@given(st.dictionaries(names, st.integers(1, 60), min_size=1), st.integers(10, 40))
def test_small_segments_of_before_go_in_one_and_nobody_is_lost(sizes: dict[str, int], min_size: int) -> None:
    rows = [Row(name, name.count(".") + name.isupper(), size, None, None) for name, size in sizes.items()]
    total = sum(sizes.values())
    assume(total >= min_size)
    kept = {row.segment: row.customers for row in told(rows, min_size)}
    assert sum(kept.values()) == total
    assert all(size >= min_size for size in kept.values())
    assert all(sizes[name] == size for name, size in kept.items() if name != "withheld")
    shown = {name: trend({FIRST: rows}, name, min_size)[0].customers or 0 for name in sizes}
    assert all(shown[name] in (0, size) for name, size in sizes.items())
    assert all(size == 0 or size >= min_size for size in (*shown.values(), total - sum(shown.values())))


def released(bank: Bank, days: int = 1) -> Bank:
    """Release one date or two."""
    write_model(bank.settings)
    population = Population(seed=2, count=400, unknown=0.05)
    for day in (FIRST, SECOND)[:days]:
        write_date(bank.settings, day, population)
    with connect(bank.settings) as connection:
        for day in (FIRST, SECOND)[:days]:
            in_transaction(connection, lambda day=day: write_transitions(connection, day, 20))  # type: ignore[misc]
    return bank


def test_before_the_first_release_there_is_one_clear_line(bank: Bank) -> None:
    with pytest.raises(MicrosegError, match="is not released: run `microseg backfill"):
        read_report(bank.settings, FIRST)


def test_the_first_date_has_nothing_to_be_compared_with(bank: Bank) -> None:
    report = read_report(released(bank).settings, FIRST)
    assert (report.release.previous, report.release.year_ago) == (None, None)
    assert (list(report.moves), list(report.kept), list(report.drift)) == ([], [], [])
    assert all([size.as_of for size in segment.trend] == [FIRST] for segment in report.segments)
    # Neither rows nor loads, a model nobody can read any more and has no attractors: the figures stand all the same.
    assert (report.angles, list(report.attractors), report.model.reason) == (None, [], "")
    assert (report.release.newest_booking, report.release.silent_days, report.release.currency) == (None, None, "")
    assert not report.release.simulated
    assert len(report.paths) == report.release.segments > 1


def test_two_dates_are_compared_once(bank: Bank) -> None:
    report = read_report(released(bank, days=2).settings, SECOND)
    assert [(moves.earlier, moves.later) for moves in report.moves] == [(FIRST, SECOND)]
    assert [(kept.previous, kept.as_of) for kept in report.kept] == [(FIRST, SECOND)]
    older = read_report(bank.settings, FIRST)
    assert all(size.as_of == FIRST for segment in older.segments for size in segment.trend)


def test_features_that_retention_let_go_of_leave_the_sizes(bank: Bank) -> None:
    whole = read_report(released(bank).settings, FIRST)
    with connect(bank.settings) as connection:
        for table in ("features.inputs", "features.traced", "spend.steps"):
            connection.execute(f"DELETE FROM {table} WHERE as_of = $1", [FIRST])
    report = read_report(bank.settings, FIRST)
    assert (list(report.paths), list(report.coverage)) == ([], [])
    assert not any(segment.more or segment.less for segment in report.segments)
    assert any(segment.more or segment.less for segment in whole.segments)
    assert [s.customers for s in report.segments] == [s.customers for s in whole.segments]
    assert [s.near for s in report.segments] == [s.near for s in whole.segments]


def test_classes_are_called_what_the_version_behind_the_release_calls_them(bank: Bank) -> None:
    settings = released(bank).settings
    renamed = replace(
        bank.reference,
        classes=tuple(replace(row, label=f"old {row.label}") for row in bank.reference.classes),
    )
    with connect(settings) as connection:
        record_version(connection, renamed)
        connection.execute("UPDATE segments.releases SET reference_version = $1", [renamed.version])
        connection.execute("UPDATE ref.sets SET reference_version = 'newer'")
    report = read_report(settings, FIRST)
    labels = {lift.label for segment in report.segments for lift in (*segment.more, *segment.less)}
    labels |= {covered.label for covered in report.coverage}
    assert "old Food" in labels
    assert all(label.startswith("old ") for label in labels)
    assert report.release.reference_version == renamed.version


def sizes(report: Report) -> list[int]:
    counts = [segment.customers for segment in report.segments] + [branch.customers for branch in report.branches]
    counts += [size.customers or 0 for segment in report.segments for size in segment.trend]
    counts += [segment.near or 0 for segment in report.segments]
    return [*counts, *(size for moves in report.moves for _, _, size in moves.rows)]


def test_what_was_published_under_a_smaller_minimum_is_shown_under_the_present_one(bank: Bank) -> None:
    small = released(bank, days=2).settings
    with connect(small) as connection:
        # Many are withheld already, with classes of their own.
        largest = (
            f"SELECT arg_max(segment, customers) FROM segments.summary WHERE as_of = DATE '{SECOND}' AND depth > 0"
        )
        connection.execute(
            "UPDATE segments.by_date SET segment = 'withheld', depth = 0, margin = NULL, neighbour = NULL "
            f"WHERE depth = 0 OR segment = ({largest})"
        )
        connection.execute("DELETE FROM segments.summary")
        for day in (FIRST, SECOND):
            connection.execute(SUMMARY, {"as_of": day})
    larger = small.model_copy(update={"min_segment_size": 45})
    before, after = read_report(small, SECOND), read_report(larger, SECOND)
    assert any(0 < size < 45 for size in sizes(before))
    assert all(size == 0 or size >= 45 for size in sizes(after))
    assert after.release.customers == before.release.customers == sum(s.customers for s in after.segments)
    (merged,) = (segment for segment in after.segments if segment.code == "withheld")
    assert (list(merged.more), list(merged.less), merged.memberships) == ([], [], None)
    assert {s.code: s.customers for s in after.segments if s is not merged}.items() <= {
        s.code: s.customers for s in before.segments
    }.items()
    assert Counter(s.code for s in after.segments).most_common(1)[0][1] == 1
    with pytest.raises(MicrosegError, match=r"^fewer customers than MICROSEG_MIN_SEGMENT_SIZE are published"):
        read_report(small.model_copy(update={"min_segment_size": 5000}), SECOND)
