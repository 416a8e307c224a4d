"""Angles where they begin and end: thresholds met exactly, and the frame by the regressions it stands for."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from model import angles
from model.angles import MIN_RADIUS, Frame, direction, fit_frame, random_rotations, to_angles, wrapped_difference

SEEDS = st.integers(0, 10_000)


def crowd(seed: int, n: int) -> np.ndarray:
    """States of customers who mostly point one way."""
    rng = np.random.default_rng(seed)
    return np.asarray(rng.normal(size=3) + 0.8 * rng.normal(size=(n, 3)))


def linearity(states: np.ndarray, rotation: np.ndarray) -> float:
    """Mean R2 of the two angles regressed on the direction."""
    unit = states / np.linalg.norm(states, axis=1, keepdims=True)
    x, y, z = rotation @ unit.T
    pairs = np.arctan2(y, x), np.arccos(z)
    return float(np.mean([LinearRegression().fit(unit, angle).score(unit, angle) for angle in pairs]))


@given(seed=SEEDS)
@settings(deadline=None, max_examples=10)
def test_the_frame_is_the_candidate_whose_angles_a_regression_explains_best(seed: int) -> None:
    states = crowd(seed, 60)
    candidates = random_rotations(20, seed)
    best = max(candidates, key=lambda rotation: linearity(states, rotation))
    assert np.array_equal(fit_frame(states, seed, candidates=20).rotation, best)


def test_a_large_bank_is_judged_by_a_sample_of_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sampled customers alone decide: nobody else can change the frame."""
    states, seed = crowd(1, 80), 6
    monkeypatch.setattr(angles, "FRAME_SAMPLE", 40)
    whole = fit_frame(states, seed, candidates=50).rotation
    rows = np.random.default_rng(seed).choice(80, 40, replace=False)
    assert len(set(rows.tolist())) == 40
    moved = crowd(2, 80)
    moved[rows] = states[rows]
    assert np.array_equal(fit_frame(moved, seed, candidates=50).rotation, whole)
    assert np.array_equal(whole, max(random_rotations(50, seed), key=lambda turn: linearity(states[rows], turn)))
    # As many as the sample holds are all looked at, in their own order.
    monkeypatch.setattr(angles, "random_rotations", lambda *_: np.eye(3)[None])
    monkeypatch.setattr(np.random, "default_rng", lambda *_: pytest.fail("drew a sample"))
    fit_frame(states[:40], seed, candidates=50)


def test_the_frame_of_a_training_is_the_same_tomorrow() -> None:
    """Stored angles rest on these two: another default would turn every customer at the next training."""
    defaults = {name: p.default for name, p in inspect.signature(fit_frame).parameters.items() if name != "states"}
    assert defaults == {"seed": 0, "candidates": 1_000}
    states = crowd(3, 10)
    assert np.array_equal(fit_frame(states).rotation, fit_frame(states, 0, 1_000).rotation)


def test_five_customers_are_enough_and_four_are_not() -> None:
    states = crowd(0, 5)
    assert fit_frame(states, candidates=5).rotation.shape == (3, 3)
    with pytest.raises(ValueError, match=r"^the frame needs at least five customers with a direction, found 4$"):
        fit_frame(states[:4], candidates=5)


def test_the_shortest_state_with_a_direction() -> None:
    states = np.array([[MIN_RADIUS, 0.0, 0.0], [np.nextafter(MIN_RADIUS, 0), 0.0, 0.0]])
    unit, determined = direction(states)
    assert determined.tolist() == [True, False]
    assert unit.tolist() == [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    assert to_angles(states, Frame(np.eye(3))).determined.tolist() == [True, False]


def test_a_half_turn_is_plus_pi_whichever_way_it_is_asked() -> None:
    ends = np.array([np.pi, -np.pi, 0.0, 3 * np.pi])
    assert wrapped_difference(ends, np.zeros(4)).tolist() == [np.pi, np.pi, 0.0, np.pi]
    assert wrapped_difference(np.zeros(2), np.array([np.pi, 2 * np.pi])).tolist() == [np.pi, 0.0]


@pytest.mark.parametrize(("error", "accepted"), [(1e-11, True), (1e-7, False)])
def test_a_rotation_may_be_off_by_rounding_only(error: float, accepted: bool) -> None:
    matrix = random_rotations(1, 0)[0] * (1 + error)
    if accepted:
        assert Frame(matrix).rotation is matrix
    else:
        with pytest.raises(ValueError, match=r"^frame: not a rotation of three dimensions; train the model again$"):
            Frame(matrix)


def test_rotations_of_a_seed_do_not_depend_on_how_many_are_drawn() -> None:
    assert np.array_equal(random_rotations(3, 9), random_rotations(7, 9)[:3])
    assert not np.array_equal(random_rotations(3, 9), random_rotations(3, 8))
