"""The report equals its tables: what its content holds is read back from the page, each figure at its place."""

from functools import cache

import pytest

from model.vocabulary import TRAITS
from tasks.report import changes
from tasks.report.content import Segment
from tasks.report.names import anchor
from tasks.report.page import render_report
from tasks.report.phrases import day, short_day
from tasks.report.trust import measure_name, newest_drift
from tests.tasks.report.made_up import made_up
from tests.tasks.report.parsed import Element, by_id, cells, code_of, figure, parse, rows_of

report = cache(made_up)


@cache
def page() -> Element:
    return parse(render_report(report(), {}))


def close(told: float | None, value: float | None, digits: int = 0) -> bool:
    if told is None or value is None:
        return told is None and value is None
    return bool(abs(told - value) <= 0.5 / 10**digits + 1e-9)


def test_segments_are_in_their_table() -> None:
    rows = rows_of(page(), "segments-table")
    assert len(rows) == len(report().segments)
    previous = report().release.previous
    assert previous is not None
    for segment, row in zip(report().segments, rows, strict=True):
        words = [cell.words for cell in row]
        assert code_of(row[0]) == segment.code
        assert close(figure(words[1]), segment.customers)
        assert close(figure(words[2]), 100 * segment.share, 1)
        assert close(figure(words[4]), changes.change_since(segment, previous).by)
        assert words[5] == (segment.more[0].label[:59] if segment.more else "–") or words[5].endswith("…")
        assert close(figure(words[6]), segment.margin, 1)
        assert close(figure(words[7]), segment.near)


def test_trends_are_in_their_table() -> None:
    for segment, row in zip(report().segments, rows_of(page(), "trends-table"), strict=True):
        assert [figure(cell.words) for cell in row[1:]] == [sized.customers for sized in segment.trend]


@pytest.mark.parametrize(("table", "date"), [("growth-previous", "previous"), ("growth-year", "year_ago")])
def test_growth_is_in_its_table(table: str, date: str) -> None:
    since = getattr(report().release, date)
    sizes = {segment.code: (changes.size_at(segment, since), segment.customers) for segment in report().segments}
    told = {code_of(row[0]): [figure(cell.words) for cell in row[1:4]] for row in rows_of(page(), table)}
    assert told == {
        code: [before, now, None if before is None else now - before] for code, (before, now) in sizes.items()
    }
    by = [numbers[2] for numbers in told.values() if numbers[2] is not None]
    assert by == sorted(by, reverse=True)
    for row in rows_of(page(), table):
        before, now = sizes[code_of(row[0])]
        assert close(figure(row[4].words), None if before is None else 100 * (now - before) / before, 1)


def test_hierarchy_is_in_its_table_and_its_drawing() -> None:
    told = {code_of(row[0]): [figure(cell.words) for cell in row[1:]] for row in rows_of(page(), "hierarchy-table")}
    total = sum(branch.customers for branch in report().branches if branch.depth == 1)
    assert told.keys() == {branch.code for branch in report().branches}
    for branch in report().branches:
        depth, customers, share, own = told[branch.code]
        assert (depth, customers, own) == (branch.depth, branch.customers, branch.own)
        assert close(share, 100 * branch.customers / total, 1)
    drawn = [block.attributes for block in page().all("g") if block.attributes.get("class") == "block"]
    assert {block["data-code"] for block in drawn} == told.keys()
    assert all(f": {told[block['data-code']][1]:,.0f} customers" in block["data-note"] for block in drawn)


def test_the_map_is_in_its_table() -> None:
    angles = report().angles
    assert angles is not None
    told = [[figure(cell.words) for cell in row[1:]] for row in rows_of(page(), "map-table")]
    assert told == [list(row) for row in angles.counts]


def test_trajectories_are_in_their_table() -> None:
    for path, row in zip(report().paths, rows_of(page(), "trajectories-table"), strict=True):
        assert (code_of(row[0]), figure(row[1].words)) == (path.code, path.customers)
        for state, cell in zip(path.states, row[2:], strict=True):
            told = [figure(value) for value in cell.words.split("; ")]
            assert all(close(one, other, 3) for one, other in zip(told, state, strict=True))


def test_moves_are_in_their_tables() -> None:
    names = {"New customers": "new", "Customers who left": "gone", "Not told: groups too small": "other"}
    for moves in report().moves:
        told = []
        for row in rows_of(page(), f"moves-{moves.earlier}"):
            origin, target = code_of(row[0]), code_of(row[1])
            origin = names.get(origin, origin)
            target = origin if row[1].words.startswith("stayed") else names.get(target, target)
            told.append((origin, target, figure(row[2].words)))
        assert sorted(told) == sorted(moves.rows)


def test_stability_is_in_its_table() -> None:
    for kept, words in zip(report().kept, cells(page(), "stability-table"), strict=True):
        assert words[:2] == [short_day(kept.previous), short_day(kept.as_of)]
        assert figure(words[2]) == kept.customers
        assert close(figure(words[3]), None if kept.share is None else 100 * kept.share, 1)


def facts_of(card: Element) -> str:
    return " ".join(element.words for element in card.all("dl"))


def test_each_segment_has_its_card() -> None:
    for segment in report().segments:
        slug = anchor(segment.code)
        card = by_id(page(), slug)
        assert segment.description in card.words
        assert f"{segment.customers:,} customers" in facts_of(card)
        if segment.near is not None and segment.margin is not None:
            assert f"{segment.near:,} customers" in facts_of(card)
            assert f"{segment.margin:,.1f} degrees" in facts_of(card)
            towards = [(code_of(row[0]), figure(row[1].words)) for row in rows_of(page(), f"{slug}-towards")]
            assert towards == list(segment.towards)
        if segment.memberships:
            told = [(row[0].lower(), figure(row[1])) for row in cells(page(), f"{slug}-memberships")]
            assert [trait for trait, _ in told] == list(TRAITS)
            assert all(close(one, 100 * other) for (_, one), other in zip(told, segment.memberships, strict=True))
            check_lifts(segment, f"{slug}-lifts")


def check_lifts(segment: Segment, table: str) -> None:
    for lift, row in zip((*segment.more, *segment.less), cells(page(), table), strict=True):
        assert row[0] == lift.label
        told = [figure(words) for words in row[1:4]]
        expected = [100 * lift.share, 100 * lift.usual, 100 * (lift.share - lift.usual)]
        assert all(close(one, other, 1) for one, other in zip(told, expected, strict=True))


def test_what_to_trust_is_in_its_tables() -> None:
    quality = report().quality
    gates = [[g.suite, g.table, str(g.passed), str(g.failed), str(g.errors), short_day(g.as_of)] for g in quality.gates]
    assert cells(page(), "gates-table") == gates
    assert [(row[0], row[1], figure(row[2])) for row in cells(page(), "rejected-table")] == list(quality.rejected)
    assert [(row[0], row[2], row[3]) for row in cells(page(), "feeds-table")] == [
        (name, silent, level) for name, _, silent, level in quality.feeds
    ]
    assert f"{quality.rows:,} rows" in by_id(page(), "trust").words
    assert f"{quality.loads:,} loads" in by_id(page(), "trust").words


def test_drift_is_in_its_tables() -> None:
    for drift, row in zip(report().drift, cells(page(), "drift-history"), strict=True):
        assert (row[0], row[1], row[3]) == (short_day(drift.as_of), measure_name(drift.measure), drift.level)
        assert close(figure(row[2]), drift.value, 3)
    for drift, row in zip(newest_drift(report().drift), cells(page(), "drift-table"), strict=True):
        in_points = row[1].endswith(" points")
        assert (row[0], row[2]) == (measure_name(drift.measure), drift.level)
        assert close(figure(row[1]), drift.value * (100 if in_points else 1), 1 if in_points else 3)


def test_coverage_and_attractors_are_in_their_tables() -> None:
    for covered, row in zip(report().coverage, cells(page(), "coverage-table"), strict=True):
        assert (row[0], row[4]) == (covered.label, "yes" if covered.weighted else "no")
        assert figure(row[1]) == covered.customers
        assert close(figure(row[2]), covered.amount)
        share = figure(row[3])
        assert close(share, None if covered.share is None else 100 * covered.share, 1)
    for point, cells_ in zip(report().attractors, rows_of(page(), "attractors-table"), strict=True):
        assert code_of(cells_[1]) == point.segment
        assert cells_[2].words == ("stable" if point.stable else "unstable")
        told = [figure(cell.words) for cell in cells_[3:]]
        assert all(close(one, other, 3) for one, other in zip(told, point.state, strict=True))


def test_the_model_is_in_its_card() -> None:
    model = report().model
    told = dict(cells(page(), "model-table"))
    assert told["Version"] == model.version
    assert told["Trained on data up to"] == day(model.trained_as_of)
    assert told["Trained on"] == f"{model.customers:,} customers"
    assert told["Why it is in use"] == model.reason
    assert all(told[name] == value for name, value in model.parameters)
    metrics = {name: figure(words) for name, words in cells(page(), "metrics-table")}
    assert all(close(metrics[name], value, 3) for name, value in model.metrics)
