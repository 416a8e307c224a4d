"""What a report tells of no small group: a reader who adds, subtracts and solves finds none."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from model.vocabulary import GONE, NEW, OTHER
from tasks.publishing.transitions import write_transitions
from tasks.report import segments
from tasks.report.content import Report
from tasks.report.read import read_report
from tests.model.attacker import most_in_cells
from tests.tasks.builders import Bank
from tests.tasks.report.released import FRAME, write_date, write_model
from tests.tasks.science.test_disclosure import Population
from warehouse.connection import connect, in_transaction

pytestmark = pytest.mark.warehouse
LEAST = 10
FIRST = date(2024, 3, 1)
# Of each population two neighbouring dates; from few people, of whom nearly all are alone, to many.
POPULATIONS = ((11, 40, 0.0), (3, 90, 0.05), (8, 150, 0.6), (5832, 27, 0.0), (21, 400, 0.002), (2, 900, 0.05))


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory, template: Bank) -> Iterator[tuple[Bank, dict[date, Report]]]:
    """A report of each date, all classes told on both sides, in one warehouse."""
    from tests.tasks.builders import copy_bank

    bank = copy_bank(template, tmp_path_factory.mktemp("told") / "home")
    bank = Bank(bank.settings.model_copy(update={"min_segment_size": LEAST}), bank.reference)
    write_model(bank.settings)
    days: dict[date, Population] = {}
    for number, (seed, count, unknown) in enumerate(POPULATIONS):
        population = Population(seed, count, unknown)
        for later in (0, 1):
            day = FIRST + timedelta(days=10 * number + later)
            write_date(bank.settings, day, population, seed=number)
            days[day] = population
    with connect(bank.settings) as connection:
        for day in days:
            in_transaction(connection, lambda day=day: write_transitions(connection, day, LEAST))  # type: ignore[misc]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "SHOWN", 99)
        readouts = {
            day: SimpleNamespace(weights=population.model.weights, frame=FRAME) for day, population in days.items()
        }
        patch.setattr("tasks.report.angles._model", lambda context: readouts[context.as_of])
        yield bank, {day: read_report(bank.settings, day) for day in days}


def is_enough(size: int) -> bool:
    return size == 0 or size >= LEAST


def people(bank: Bank, day: date) -> list[dict[str, object]]:
    with connect(bank.settings, read_only=True) as connection:
        rows = connection.execute("FROM segments.by_date WHERE as_of = $1", [day]).to_arrow_table()
    return list(rows.to_pylist())


def test_no_count_is_small(reports: tuple[Bank, dict[date, Report]]) -> None:
    for report in reports[1].values():
        counts = [segment.customers for segment in report.segments]
        counts += [size.customers or 0 for segment in report.segments for size in segment.trend]
        counts += [size for branch in report.branches for size in (branch.customers, branch.own)]
        counts += [size for moves in report.moves for _, _, size in moves.rows]
        counts += [covered.customers or 0 for covered in report.coverage]
        counts += [path.customers for path in report.paths]
        counts += [count or 0 for row in (report.angles.counts if report.angles else []) for count in row]
        assert all(is_enough(size) for size in counts)


def test_whoever_is_near_a_boundary_and_whoever_is_not_are_enough(reports: tuple[Bank, dict[date, Report]]) -> None:
    bank, by_date = reports
    told = named = 0
    for day, report in by_date.items():
        close = [row for row in people(bank, day) if row["depth"] and np.degrees(row["margin"]) <= 5]  # type: ignore[call-overload]
        for segment in report.segments:
            true = Counter(row["neighbour"] for row in close if row["segment"] == segment.code)
            if segment.near is None:
                assert (
                    not segment.depth or not is_enough(true.total()) or not is_enough(segment.customers - true.total())
                )
                assert not segment.towards
                continue
            told += 1
            named += len(segment.towards)
            assert segment.near == true.total()
            assert is_enough(segment.near)
            assert is_enough(segment.customers - segment.near)
            assert all(size == true[name] >= LEAST for name, size in segment.towards)
            assert is_enough(segment.near - sum(size for _, size in segment.towards))
    assert told > 20
    assert named > 3


def test_what_segments_do_not_tell_of_a_class_is_of_nobody_or_of_enough(
    reports: tuple[Bank, dict[date, Report]],
) -> None:
    bank, by_date = reports
    text = (
        "SELECT label, segment, count(DISTINCT customer_key) FROM segments.by_date AS people "
        "JOIN spend.by_period AS spent USING (as_of, customer_key) JOIN ref.classes USING (class_id) "
        "WHERE as_of = $1 AND spent.window_name = 'annual' GROUP BY ALL"
    )
    hidden = 0
    for day, report in by_date.items():
        with connect(bank.settings, read_only=True) as connection:
            spenders = {(label, segment): n for label, segment, n in connection.execute(text, [day]).fetchall()}
        for label in {label for label, _ in spenders}:
            told = {s.code for s in report.segments if label in {lift.label for lift in (*s.more, *s.less)}}
            assert all(is_enough(spenders.get((label, segment), 0)) for segment in told)
            left = sum(n for (other, segment), n in spenders.items() if other == label and segment not in told)
            hidden += left > 0
            assert is_enough(left) or not told
    assert hidden > 5


def test_a_class_of_few_is_not_the_total_less_the_others(reports: tuple[Bank, dict[date, Report]]) -> None:
    bank, by_date = reports
    text = "SELECT DISTINCT label, customer_key FROM spend.by_period JOIN ref.classes USING (class_id) WHERE as_of = $1"
    hidden = 0
    for day, report in by_date.items():
        with connect(bank.settings, read_only=True) as connection:
            pairs = connection.execute(text, [day]).fetchall()
        assert {label for label, _ in pairs} == {covered.label for covered in report.coverage}
        untold = {covered.label for covered in report.coverage if covered.amount is None}
        assert all(
            covered.share is None and covered.customers is None
            for covered in report.coverage
            if covered.label in untold
        )
        left = {key for label, key in pairs if label in untold}
        hidden += len(left) > 0
        assert is_enough(len(left)) or len(untold) == len(report.coverage)
        by_label = Counter(label for label, _ in pairs)
        for covered in report.coverage:
            if covered.customers is not None:
                assert covered.customers == by_label[covered.label]
                assert is_enough(report.release.customers - covered.customers)
    assert hidden > 3


def test_bins_of_angles_are_rounded_down(reports: tuple[Bank, dict[date, Report]]) -> None:
    for report in reports[1].values():
        assert (report.angles is None) == (report.release.segmented == 0)
        counts = [count for row in (report.angles.counts if report.angles else []) for count in row if count]
        assert all(count > 0 and count % LEAST == 0 for count in counts)
        assert sum(counts) <= report.release.segmented


def test_nobody_works_a_small_group_out_of_moves_and_sizes(reports: tuple[Bank, dict[date, Report]]) -> None:
    bank, by_date = reports
    solved = cells_shown = 0
    for earlier, later in pairwise(by_date):
        shown = {(a, b): n for moves in by_date[later].moves for a, b, n in moves.rows if moves.earlier == earlier}
        before, after = ({row["customer_key"]: row["segment"] for row in people(bank, day)} for day in (earlier, later))
        true = Counter((before.get(key, NEW), after.get(key, GONE)) for key in before.keys() | after.keys())
        rows, columns = ([*sorted(set(map(str, side.values()))), last] for side, last in ((before, NEW), (after, GONE)))
        if len(rows) * len(columns) > 64:
            continue
        solved += 1
        cells_shown += len(shown)
        assert all(true[pair] == n for pair, n in shown.items() if pair[0] != OTHER)
        sums = [sum(n for pair, n in true.items() if pair[0] == row) for row in rows]
        across = [sum(n for pair, n in true.items() if pair[1] == column) for column in columns]
        cells = {(rows.index(a), columns.index(b)): n for (a, b), n in shown.items() if a != OTHER}
        cells[len(rows) - 1, len(columns) - 1] = 0
        assert all(is_enough(high) for high in most_in_cells(sums, across, cells, loose=True).values())
    assert solved > 3
    assert cells_shown > 3


def test_how_many_kept_their_first_trait_is_told_roughly_or_not_at_all(
    reports: tuple[Bank, dict[date, Report]],
) -> None:
    bank, by_date = reports
    newest = max(by_date)
    traits = {
        day: {p["customer_key"]: str(p["segment"])[0] for p in people(bank, day) if p["depth"]} for day in by_date
    }
    kept = by_date[newest].kept
    assert [(k.previous, k.as_of) for k in kept] == [
        pair for pair in pairwise(by_date) if traits[pair[0]].keys() & traits[pair[1]].keys()
    ]
    for one in kept:
        before, after = traits[one.previous], traits[one.as_of]
        both = before.keys() & after.keys()
        assert one.customers == len(after)
        assert (one.share is None) == (len(both) < 4 * LEAST)
        if one.share is not None:
            true = sum(before[key] == after[key] for key in both)
            assert abs(one.share * len(both) - true) <= LEAST + 1e-6
