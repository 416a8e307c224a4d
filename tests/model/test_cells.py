import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from model.cells import arrangement, boundaries, margins, nearest_neighbours
from model.personality import dominance_order, segment_names
from model.vocabulary import MAX_DEPTH

SEEDS = st.integers(0, 100_000)
DEPTHS = st.integers(1, MAX_DEPTH)


def draw(seed: int, n: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """States and a read-out."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 3)), rng.normal(size=(3, 5))


def orders_on_circle(state: np.ndarray, angle: float, readout: np.ndarray) -> np.ndarray:
    """The orders at 10,000 directions, evenly spread, at one angle from a state."""
    unit = state / np.linalg.norm(state)
    first, second = np.linalg.svd(unit[None])[2][1:]
    turn = np.linspace(0, 2 * np.pi, 10_000)[:, None]
    ring = np.cos(angle) * unit + np.sin(angle) * (np.cos(turn) * first + np.sin(turn) * second)
    return dominance_order(ring @ readout)


@given(seed=SEEDS, depth=DEPTHS)
@settings(deadline=None)
def test_up_to_the_margin_no_direction_leaves_the_cell_and_just_behind_it_lies_the_neighbour(
    seed: int, depth: int
) -> None:
    state, readout = draw(seed)
    margin, behind = nearest_neighbours(state, readout, depth)
    assume(margin[0] > 1e-4)
    own = dominance_order(state @ readout)[0, :depth]
    within = orders_on_circle(state[0], margin[0] - 1e-6, readout)[:, :depth]
    assert (within == own).all()
    beyond = orders_on_circle(state[0], margin[0] + 1e-5, readout)
    left = {tuple(order) for order in beyond[(beyond[:, :depth] != own).any(axis=1)].tolist()}
    assert tuple(behind[0].tolist()) in left
    # One order alone, unless a second boundary is as near or others cross at the same point.
    assert len(left) <= 4


@given(seed=SEEDS)
@settings(deadline=None)
def test_the_neighbour_has_another_name_and_the_margin_of_its_depth(seed: int) -> None:
    states, readout = draw(seed, 50)
    own = dominance_order(states @ readout)
    for depth in range(1, MAX_DEPTH + 1):
        margin, behind = nearest_neighbours(states, readout, depth)
        assert (margin == margins(states, readout)[:, depth - 1]).all()
        assert (behind[:, :depth] != own[:, :depth]).any(axis=1).all()
        assert (np.sort(behind, axis=1) == np.arange(5)).all()


def test_margins_shrink_with_depth_and_vanish_with_the_radius() -> None:
    states, readout = draw(3, 200)
    states[0] = 1e-9
    found = margins(states, readout)
    assert found.shape == (200, MAX_DEPTH)
    assert (np.diff(found, axis=1) <= 0).all()
    assert (found[0] == 0).all()
    assert (found[1:] > 0).all()
    assert found[1:] == pytest.approx(margins(2.5 * states[1:], readout))


@given(seed=SEEDS)
@settings(deadline=None, max_examples=10)
def test_the_arrangement_is_what_a_dense_sample_of_directions_sees(seed: int) -> None:
    states, readout = draw(seed, 20_000)
    cells = arrangement(readout)
    seen = segment_names(dominance_order(states @ readout), 5)
    exact = cells.areas_by_name(5)
    assert len(cells.orders) == 72
    assert set(seen) <= set(exact)
    sampled = np.array([(seen == name).mean() for name in exact])
    # Six standard errors of a share of 20,000.
    expected = np.array(list(exact.values())) / (4 * np.pi)
    assert (np.abs(sampled - expected) <= 6 * np.sqrt(expected / 20_000) + 5e-4).all()


@given(seed=SEEDS)
@settings(deadline=None, max_examples=10)
def test_areas_fill_the_sphere_and_corners_surround_their_cell(seed: int) -> None:
    cells = arrangement(draw(seed)[1])
    readout = draw(seed)[1]
    for depth in range(1, 6):
        assert sum(cells.areas_by_name(depth).values()) == pytest.approx(4 * np.pi, abs=1e-9)
    inside = np.array([corners.sum(axis=0) for corners in cells.corners])
    assert (dominance_order(inside @ readout) == cells.orders).all()
    # Reversed outputs belong to the opposite direction.
    mirrored = {tuple(order[::-1]) for order in cells.orders.tolist()}
    assert mirrored == {tuple(order) for order in cells.orders.tolist()}


@pytest.mark.parametrize(
    "readout",
    [
        np.array([[1, 0, 0, -1, -1.0], [0, 1, 0, -1, 0], [0, 0, 1, 0, -1]]),
        np.array([[1, -1, 0, 0, 0.0], [0, 0, 1, -1, 0], [0, 0, 0, 0, 1]]),
    ],
    ids=["two pairs share a circle", "octahedron"],
)
def test_circles_that_coincide_leave_fewer_cells_and_no_gap(readout: np.ndarray) -> None:
    cells = arrangement(readout)
    states = np.random.default_rng(0).normal(size=(20_000, 3))
    seen = {tuple(order) for order in dominance_order(states @ readout).tolist()}
    assert seen == {tuple(order) for order in cells.orders.tolist()}
    assert cells.areas.sum() == pytest.approx(4 * np.pi)
    edges = sum(len(corners) for corners in cells.corners)
    assert 2 * len(boundaries(readout, MAX_DEPTH, 2)) == edges


@given(seed=SEEDS, depth=DEPTHS)
@settings(deadline=None, max_examples=5)
def test_a_boundary_has_two_segments_on_its_sides_and_none_is_missing(seed: int, depth: int) -> None:
    states, readout = draw(seed, 50)
    arcs = np.concatenate(boundaries(readout, depth, 201))
    assert np.linalg.norm(arcs, axis=1) == pytest.approx(1)
    assert margins(arcs, readout)[:, depth - 1] == pytest.approx(0, abs=1e-7)
    # No state is nearer to a boundary than its margin says, and the nearest drawn point is that near.
    unit = states / np.linalg.norm(states, axis=1, keepdims=True)
    nearest = np.arccos(np.clip(unit @ arcs.T, -1, 1).max(axis=1))
    margin = margins(states, readout)[:, depth - 1]
    assert (nearest >= margin - 1e-7).all()
    assert nearest == pytest.approx(margin, abs=8e-3)


@pytest.mark.parametrize(
    ("readout", "message"),
    [
        (np.zeros((3, 5)), "equal outputs"),
        (np.ones((3, 5)), "equal outputs"),
        (np.eye(3, 5), "agreeableness and neuroticism have equal outputs"),
        (np.arange(15.0).reshape(3, 5) ** [[1], [2], [1]], "fewer than three dimensions"),
        (np.full((3, 5), np.nan), "not finite"),
        (np.eye(4, 5), "expected \\(3, 5\\)"),
    ],
)
def test_a_degenerate_readout_is_named(readout: np.ndarray, message: str) -> None:
    for use in (arrangement, lambda r: margins(np.ones((1, 3)), r), lambda r: boundaries(r, 1)):
        with pytest.raises(ValueError, match=message):
            use(readout)


def test_depths_and_shapes_that_do_not_fit_are_named() -> None:
    states, readout = draw(0, 2)
    for depth in (0, 5):
        with pytest.raises(ValueError, match=f"depth {depth} is outside 1 to 4"):
            nearest_neighbours(states, readout, depth)
        with pytest.raises(ValueError, match=f"depth {depth} is outside 1 to 4"):
            boundaries(readout, depth)
    with pytest.raises(ValueError, match="states have shape"):
        margins(states[:, :2], readout)
