"""A report's figures are the tables' figures, each asked for once more in another way."""

from collections import Counter
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from model.angles import from_angles
from model.personality import dominance_order, segment_names
from model.rounded import share_kept
from model.vocabulary import INSUFFICIENT, UNASSIGNED, UNDETERMINED, WITHHELD
from tasks.publishing.transitions import moves_between
from tasks.report.content import Report
from tasks.report.read import read_report
from tasks.report.words import description
from tests.tasks.report.conftest import YEAR_AGO
from tests.tasks.science.conftest import AS_OF, EARLIER, Bank
from warehouse.connection import connect
from warehouse.errors import MicrosegError

pytestmark = pytest.mark.warehouse


@pytest.fixture(scope="module")
def report(reported: Bank) -> Report:
    return read_report(reported.settings, AS_OF)


def rows(bank: Bank, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with connect(bank.settings, read_only=True) as connection:
        return connection.execute(sql, list(values)).fetchall()


def test_the_release_is_that_of_the_tables(reported: Bank, report: Report) -> None:
    people = "FROM segments.by_date WHERE as_of = $1"
    release = report.release
    assert (release.customers,) == rows(reported, f"SELECT count(*) {people}", AS_OF)[0]
    assert (release.segmented,) == rows(reported, f"SELECT count(*) {people} AND depth > 0", AS_OF)[0]
    assert (release.segments,) == rows(reported, f"SELECT count(DISTINCT segment) {people} AND depth > 0", AS_OF)[0]
    assert (release.previous, release.year_ago) == (EARLIER, YEAR_AGO)
    newest = rows(reported, "SELECT max(booked_on) FROM raw.transactions WHERE booked_on <= $1", AS_OF)[0][0]
    assert (release.newest_booking, release.silent_days) == (newest, (AS_OF - newest).days)
    assert (release.currency, release.stand_in, release.simulated) == ("EUR", True, True)
    assert (release.model_version, release.window_name) == (reported.model.version, "bimonthly")
    text = "SELECT epoch(released_at) FROM segments.releases WHERE as_of = $1"
    assert release.published_at.timestamp() == pytest.approx(rows(reported, text, AS_OF)[0][0])
    assert str(release.published_at.tzinfo) == release.time_zone == "Europe/Zurich"


def test_segments_have_their_sizes_shares_and_means(reported: Bank, report: Report) -> None:
    text = (
        "SELECT segment, count(*), count(*) / (SELECT count(*) FROM segments.by_date WHERE as_of = $1), "
        "degrees(avg(margin)), avg(output_o), avg(output_c), avg(output_e), avg(output_a), avg(output_n) "
        "FROM segments.by_date AS people LEFT JOIN (SELECT * EXCLUDE (as_of, window_name, model_version) "
        "FROM features.trajectories WHERE as_of = $1 AND window_name = 'bimonthly' AND step = 6) USING (customer_key) "
        "WHERE people.as_of = $1 GROUP BY segment ORDER BY count(*) DESC, segment"
    )
    true = rows(reported, text, AS_OF)
    assert [(s.code, s.customers) for s in report.segments] == [row[:2] for row in true]
    for segment, (_, _, share, margin, *outputs) in zip(report.segments, true, strict=True):
        assert segment.share == pytest.approx(share)
        assert segment.margin == (None if margin is None else pytest.approx(margin))
        assert segment.memberships == (None if outputs[0] is None else pytest.approx(tuple(outputs)))


def test_trends_go_through_all_shown_dates_up_to_the_reports_own(reported: Bank, report: Report) -> None:
    sizes = dict(rows(reported, "SELECT (as_of, segment), count(*) FROM segments.by_date GROUP BY ALL"))
    for segment in report.segments:
        assert [(size.as_of, size.customers) for size in segment.trend] == [
            (day, sizes.get((day, segment.code))) for day in (YEAR_AGO, EARLIER, AS_OF)
        ]


def test_lifts_are_mean_shares_beside_everybodys_and_begin_as_the_summary_does(reported: Bank, report: Report) -> None:
    text = (
        "SELECT label, segment, sum(share / active_steps), count(DISTINCT customer_key), count(DISTINCT step) "
        "FROM segments.by_date AS people "
        "JOIN spend.by_period AS spent USING (as_of, customer_key) JOIN ref.classes USING (class_id) "
        "JOIN (SELECT as_of, customer_key, active_steps FROM features.inputs WHERE window_name = 'bimonthly') AS made "
        "USING (as_of, customer_key) WHERE as_of = $1 AND spent.window_name = 'bimonthly' GROUP BY ALL"
    )
    true = {(label, segment): (share, n) for label, segment, share, n, _ in rows(reported, text, AS_OF)}
    everybody = sum(segment.customers for segment in report.segments)
    first = dict(rows(reported, "SELECT segment, top_classes FROM segments.summary WHERE as_of = $1", AS_OF))
    compared = 0
    for segment in report.segments:
        lifts = [lift.share - lift.usual for lift in segment.more]
        assert lifts == sorted(lifts, reverse=True)
        assert all(lift > 0 for lift in lifts)
        fall = [lift.share - lift.usual for lift in segment.less]
        assert fall == sorted(fall)
        assert all(lift < 0 for lift in fall)
        for lift in (*segment.more, *segment.less):
            usual = sum(share for (label, _), (share, _) in true.items() if label == lift.label) / everybody
            share, _ = true.get((lift.label, segment.code), (0.0, 0))
            assert lift.usual == pytest.approx(usual, abs=1e-6)
            assert lift.share == pytest.approx(share / segment.customers, abs=1e-6)
        top = (first[segment.code] or "").split(", ")
        told = [label for label in top if label in {lift.label for lift in segment.more}]
        compared += len(told)
        assert told == [lift.label for lift in segment.more if lift.label in told]
    assert compared > 10


def test_branches_are_sums_of_published_segments(report: Report) -> None:
    own = {segment.code: segment.customers for segment in report.segments if segment.depth}
    for branch in report.branches:
        below = {code: size for code, size in own.items() if f"{code}.".startswith(f"{branch.code}.")}
        assert branch.customers == sum(below.values()) > 0
        assert branch.own == own.get(branch.code, 0)
        assert (branch.depth, branch.parent) == (len(branch.code.split(".")), branch.code[:-2])
    assert own.keys() <= {branch.code for branch in report.branches}
    assert sum(branch.customers for branch in report.branches if branch.depth == 1) == report.release.segmented
    assert {branch.parent for branch in report.branches} <= {"", *(branch.code for branch in report.branches)}


def test_bins_of_the_map_count_customers_and_labels_lie_in_their_cells(reported: Bank, report: Report) -> None:
    assert report.angles is not None
    width = report.angles.polar_edges[1]
    assert (report.angles.azimuth_edges[0], report.angles.azimuth_edges[-1]) == (-180, 180)
    text = (
        "SELECT least(floor(degrees(polar) / $2), 180 / $2 - 1)::INT, "
        "least(floor((degrees(azimuth) + 180) / $2), 360 / $2 - 1)::INT, count(*) // 10 * 10 FROM features.angles "
        "JOIN segments.by_date USING (as_of, customer_key) WHERE as_of = $1 AND depth > 0 "
        "AND features.angles.window_name = 'bimonthly' AND determined GROUP BY ALL HAVING count(*) >= 10"
    )
    true = {(polar, azimuth): count for polar, azimuth, count in rows(reported, text, AS_OF, width)}
    shown = {
        (polar, azimuth): count
        for polar, row in enumerate(report.angles.counts)
        for azimuth, count in enumerate(row)
        if count is not None
    }
    assert shown == true
    model = reported.model
    for depth, labels in enumerate(report.angles.labels, start=1):
        points = np.radians([point for _, point in labels])
        states = from_angles(points[:, 0], points[:, 1], np.ones(len(points)), model.frame)
        names = segment_names(dominance_order(states @ model.weights.readout), depth)
        assert names.tolist() == [name for name, _ in labels]
    assert len(report.angles.boundaries) == 4
    for line in (line for lines in report.angles.boundaries for line in lines):
        assert all(abs(after[0] - before[0]) <= 180 for before, after in pairwise(line))


def test_paths_are_means_of_states(reported: Bank, report: Report) -> None:
    text = (
        "SELECT avg(h1), avg(h2), avg(h3) FROM features.trajectories JOIN segments.by_date USING (as_of, customer_key) "
        "WHERE as_of = $1 AND features.trajectories.window_name = 'bimonthly' AND segment = $2 "
        "GROUP BY step ORDER BY step"
    )
    assert [path.code for path in report.paths] == [segment.code for segment in report.segments if segment.depth]
    for path in report.paths:
        assert np.array(path.states) == pytest.approx(np.array(rows(reported, text, AS_OF, path.code)))


def test_moves_are_the_published_ones_and_those_since_a_year_ago(reported: Bank, report: Report) -> None:
    text = "SELECT from_segment, to_segment, customers FROM segments.transitions WHERE as_of = $1"
    since, year = report.moves
    assert (since.earlier, since.later, year.earlier, year.later) == (EARLIER, AS_OF, YEAR_AGO, AS_OF)
    assert sorted(since.rows) == sorted(rows(reported, text, AS_OF))
    with connect(reported.settings, read_only=True) as connection:
        true = moves_between(connection, YEAR_AGO, AS_OF, 10)
    assert {(before, after): size for before, after, size in year.rows} == true
    assert [size for _, _, size in year.rows] == sorted(true.values(), reverse=True)


def test_who_kept_the_first_trait_is_told_between_dates_that_are_shown(reported: Bank, report: Report) -> None:
    people = rows(reported, "SELECT as_of, customer_key, segment_1 FROM segments.by_date WHERE depth > 0")
    traits: dict[date, dict[int, str]] = {}
    for day, key, trait in people:
        traits.setdefault(day, {})[key] = trait
    assert [(kept.previous, kept.as_of) for kept in report.kept] == [(YEAR_AGO, EARLIER), (EARLIER, AS_OF)]
    for kept in report.kept:
        before, after = traits[kept.previous], traits[kept.as_of]
        both = before.keys() & after.keys()
        assert kept.share == share_kept(sum(before[key] != after[key] for key in both), len(both), 10)
        assert kept.customers == len(after)


def test_quality_is_the_newest_verdict_and_what_stands_in_the_ledger(reported: Bank, report: Report) -> None:
    accepted = rows(reported, "SELECT sum(rows_accepted)::BIGINT, count(*) FROM raw.loads WHERE status = 'published'")
    assert [(report.quality.rows, report.quality.loads)] == accepted
    waiting = Counter(rows(reported, "SELECT reason, coalesce(column_name, '') FROM raw.rejects_waiting"))
    assert {(reason, column): n for reason, column, n in report.quality.rejected} == waiting
    assert list(report.quality.feeds) == [("<b>feed</b>", "none", "3", "warning")]
    (gate,) = report.quality.gates
    assert (gate.suite, gate.passed, gate.failed, gate.errors, gate.as_of) == ("segments", 1, 1, 1, AS_OF)
    assert [(drift.as_of, drift.measure, drift.value, drift.level) for drift in report.drift] == [
        (AS_OF, "coverage", 0.1, "warning")
    ]


def test_coverage_is_the_spending_of_twelve_months(reported: Bank, report: Report) -> None:
    text = (
        "SELECT label, count(DISTINCT customer_key), sum(amount)::DOUBLE, "
        "class_id IN (SELECT class_id FROM ref.coefficients WHERE coefficient != 0) FROM spend.by_period "
        "JOIN ref.classes USING (class_id) WHERE as_of = $1 AND window_name = 'bimonthly' GROUP BY label, class_id"
    )
    true = {label: (customers, amount, weighted) for label, customers, amount, weighted in rows(reported, text, AS_OF)}
    total = sum(amount for _, amount, _ in true.values())
    assert len(report.coverage) == len(true)
    assert 0 < sum(covered.amount is None for covered in report.coverage) < len(true)
    for covered in report.coverage:
        customers, amount, weighted = true[covered.label]
        assert covered.weighted == weighted
        if covered.amount is not None:
            assert covered.amount == pytest.approx(amount)
            assert covered.share == pytest.approx(amount / total)
            assert covered.customers in {customers, None}


def test_the_model_and_its_attractors_are_those_of_the_release(reported: Bank, report: Report) -> None:
    text = "SELECT input, h1, h2, h3, stable, segment FROM models.attractors"
    true = {(row[0], row[1:4], *row[4:]) for row in rows(reported, text)}
    assert {(a.input, a.state, a.stable, a.segment) for a in report.attractors} == true
    assert len(true) > 0
    assert report.model.version == reported.model.version
    assert (report.model.customers, report.model.trained_as_of) == (reported.model.customers, AS_OF)
    assert sorted(value for _, value in report.model.metrics) == pytest.approx(sorted(reported.model.metrics.values()))
    assert ("Read-out with a bias", "no") in report.model.parameters


def test_every_segment_has_a_sentence_of_its_own(report: Report) -> None:
    for segment in report.segments:
        assert segment.description.endswith(".")
        assert (segment.words in segment.description) == (segment.depth > 0) or not segment.words
        assert all(lift.label in segment.description for lift in segment.more[:2] if segment.depth)
    words = {description(word, [], []) for word in (INSUFFICIENT, UNDETERMINED, WITHHELD, UNASSIGNED)}
    assert len(words) == 4


def test_a_date_that_is_not_released_is_one_clear_line(reported: Bank) -> None:
    with pytest.raises(MicrosegError, match=r"^2025-10-31 is not released: run `microseg backfill 2025-10-31 2025-10-"):
        read_report(reported.settings, date(2025, 10, 31))
