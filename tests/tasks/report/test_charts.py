"""The drawings: marks lie where their values say, inside of the drawing, and none is lost on the way."""

from datetime import date
from itertools import pairwise
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.report.charts.angle_map import SHADES, draw_map, shade_limits
from tasks.report.charts.bars import bars, two_way_bars
from tasks.report.charts.flow import SHOWN, flow
from tasks.report.charts.icicle import icicle
from tasks.report.charts.scale import overlap, simplified
from tasks.report.charts.space import SIZE, draw_space, project
from tasks.report.charts.sparkline import sparkline
from tasks.report.charts.timeline import timeline
from tasks.report.content import AngleMap, Branch, Path
from tests.tasks.report.made_up import CODES, made_up

values = st.floats(-1e6, 1e6)
units = st.floats(-1, 1)  # what a hidden state can be
sizes = st.integers(0, 10**7)
places = st.tuples(st.floats(0, 1000), st.floats(0, 1000))


def places_of(text: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (place.split(",") for place in text.split())]


@given(st.lists(st.none() | sizes))
def test_every_size_that_may_be_told_is_in_the_sparkline(trend: list[int | None]) -> None:
    line = sparkline(trend)
    drawn = [place for points in line.lines for place in places_of(points)] + list(line.dots)
    assert len(drawn) == sum(size is not None for size in trend)
    assert all(0 <= x <= line.width and 0 <= y <= line.height for x, y in drawn)
    assert (line.last is None) == (not trend or trend[-1] is None)


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_bars_are_as_long_as_their_values(lengths: list[float]) -> None:
    largest = max(lengths)
    assert [bar.width for bar in bars(lengths)] == pytest.approx(
        [100 * length / largest if largest else 0 for length in lengths], abs=0.06
    )


@given(st.lists(values, min_size=1))
def test_two_way_bars_meet_in_the_middle(changes: list[float]) -> None:
    for change, bar in zip(changes, two_way_bars(changes), strict=True):
        assert 0 <= bar.x <= bar.x + bar.width <= 100
        assert bar.falling == (change < 0)
        assert (bar.x + bar.width if bar.falling else bar.x) == pytest.approx(50)


def test_blocks_are_as_high_as_their_customers_and_beside_their_parents() -> None:
    branches = made_up().branches
    blocks = {block.branch.code: block for block in icicle(branches, 400, 500)}
    assert blocks.keys() == {branch.code for branch in branches}
    total = sum(branch.customers for branch in branches if branch.depth == 1)
    for code, block in blocks.items():
        assert block.height == pytest.approx(500 * block.branch.customers / total)
        assert block.x == 100 * (block.branch.depth - 1)
        if parent := blocks.get(block.branch.parent):
            assert parent.y - 1e-6 <= block.y
            assert block.y + block.height <= parent.y + parent.height + 1e-6
        beside = [other for other in blocks.values() if other.x == block.x and other.branch.code != code]
        assert not any(
            block.y + 1e-6 < other.y + other.height and other.y + 1e-6 < block.y + block.height for other in beside
        )


def test_a_hierarchy_of_nobody_has_no_height() -> None:
    assert [block.height for block in icicle([Branch("E", 1, 0, 0, "")])] == [0.0]


@given(st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from(CODES), st.integers(1, 5000)), max_size=40))
def test_bands_are_the_largest_moves(rows: list[tuple[str, str, int]]) -> None:
    rows = list({row[:2]: row for row in rows}.values())
    drawn = flow(rows)
    moved = sorted((row[2] for row in rows if row[0] != row[1]), reverse=True)
    assert [band.customers for band in drawn.bands] == moved[:SHOWN]
    assert drawn.hidden == len(moved) - len(drawn.bands)
    for nodes in (drawn.left, drawn.right):
        assert sum(node.customers for node in nodes) == sum(moved[:SHOWN])
        assert all(upper.y + upper.height < lower.y for upper, lower in pairwise(nodes))
        assert all(node.y + node.height <= drawn.height for node in nodes)


@given(st.lists(places, min_size=2, max_size=60), st.floats(0.1, 50))
def test_a_simpler_line_stays_close(line: list[tuple[float, float]], tolerance: float) -> None:
    simple = simplified(line, tolerance)
    assert (simple[0], simple[-1]) == (line[0], line[-1])
    assert all(min(distance(point, *piece) for piece in pairs(simple)) <= tolerance + 1e-6 for point in line)


def pairs(line: list[tuple[float, float]]) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    return list(pairwise(line))


def distance(point: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> float:
    """The least of many points along the piece."""
    steps = [n / 2000 for n in range(2001)]
    return min(
        hypot(point[0] - start[0] - t * (end[0] - start[0]), point[1] - start[1] - t * (end[1] - start[1]))
        for t in steps
    ) - (hypot(end[0] - start[0], end[1] - start[1]) / 2000)


@given(st.lists(st.lists(st.none() | st.integers(0, 500), min_size=6, max_size=6), min_size=3, max_size=3))
def test_bins_of_the_map_are_as_dark_as_they_are_full(counts: list[list[int | None]]) -> None:
    edges = [-180.0, -120.0, -60.0, 0.0, 60.0, 120.0, 180.0]
    drawn = draw_map(AngleMap(edges, [0, 60, 120, 180], counts, [[], [], [], []], [[], []]))
    left, upper, wide, high = drawn.frame
    assert len(drawn.limits) <= SHADES
    for row, line in enumerate(counts):
        for column, count in enumerate(line):
            x, y = left + (column + 0.5) * wide / 6, upper + (row + 0.5) * high / 3
            here = [t.shade for t in drawn.tiles if t.x <= x < t.x + t.width and t.y <= y < t.y + t.height]
            assert here == ([sum(count >= limit for limit in drawn.limits)] if count else [])


@given(st.lists(st.integers(1, 1000), min_size=1))
def test_shades_begin_with_the_smallest_count(counts: list[int]) -> None:
    limits = shade_limits(counts)
    assert limits[0] == min(counts)
    assert limits == sorted(set(limits))


def test_labels_of_the_map_lie_inside_and_apart() -> None:
    angles = made_up().angles
    assert angles is not None
    drawn = draw_map(angles)
    left, upper, wide, high = drawn.frame
    labels = [label for by_depth in drawn.labels for label in by_depth]
    assert [code for code, _ in drawn.labels[0]] == [code for code, _ in angles.labels[0]]
    assert all(left <= x <= left + wide and upper <= y <= upper + high for _, (x, y) in labels)
    assert len({place for _, place in labels}) == len(labels)


@given(st.lists(st.tuples(units, units, units), min_size=6, max_size=6))
def test_trajectories_stay_in_the_drawing_whichever_way_they_are_turned(
    states: list[tuple[float, float, float]],
) -> None:
    space = draw_space([Path("E.A", 20, states)])
    for state in states:
        for turn, tilt in ((0, 0), (space.turn, space.tilt), (123, -71), (300, 90)):
            assert all(-1 <= place <= SIZE + 1 for place in project(state, space.scale, turn, tilt))
    assert len(places_of(space.trails[0].line)) == 7
    assert places_of(space.trails[0].line)[0] == (SIZE / 2, SIZE / 2)


@given(st.lists(st.none() | st.floats(0, 1), max_size=30))
def test_every_share_that_may_be_told_is_in_the_timeline(shares: list[float | None]) -> None:
    dates = [date.fromordinal(738_000 + 30 * n) for n in range(len(shares))]
    line = timeline(list(zip(dates, shares, strict=True)))
    assert [share for _, share, _ in line.points] == [share for share in shares if share is not None]
    assert all(0 <= x <= line.width and 0 <= y <= line.height for _, _, (x, y) in line.points)
    places_by_share = sorted((share, -place[1]) for _, share, place in line.points)
    assert [y for _, y in places_by_share] == sorted(y for _, y in places_by_share)


def test_boxes_that_touch_do_not_overlap() -> None:
    assert not overlap((0, 0, 1, 1), (0, 1, 1, 1))
