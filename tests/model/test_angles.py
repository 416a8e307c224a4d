import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.angles import (
    MIN_RADIUS,
    Frame,
    direction,
    fit_frame,
    from_angles,
    random_rotations,
    to_angles,
    wrapped_difference,
)

SEEDS = st.integers(0, 10_000)
FLOATS = st.floats(-50, 50)


def draw_states(seed: int, n: int = 30) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 3)) * 0.4


def frame(seed: int) -> Frame:
    return Frame(random_rotations(1, seed)[0])


@given(seed=SEEDS)
def test_states_return_from_their_angles(seed: int) -> None:
    states = draw_states(seed)
    angles = to_angles(states, frame(seed))
    assert np.allclose(from_angles(angles.azimuth, angles.polar, angles.radius, frame(seed)), states, atol=1e-12)
    assert ((angles.azimuth > -np.pi) & (angles.azimuth <= np.pi)).all()
    assert ((angles.polar >= 0) & (angles.polar <= np.pi)).all()


@given(seed=SEEDS, azimuth=st.floats(-3.14, 3.14), polar=st.floats(1e-6, 3.1415), radius=st.floats(0.01, 1.7))
def test_angles_return_from_their_states(seed: int, azimuth: float, polar: float, radius: float) -> None:
    given_ = np.array([azimuth]), np.array([polar]), np.array([radius])
    angles = to_angles(from_angles(*given_, frame(seed)), frame(seed))
    assert wrapped_difference(angles.azimuth, given_[0]) == pytest.approx(0, abs=1e-8)
    assert angles.polar == pytest.approx(polar, abs=1e-9)
    assert angles.radius == pytest.approx(radius)


@given(seed=SEEDS)
def test_rotating_states_and_frame_together_changes_nothing(seed: int) -> None:
    states, turn = draw_states(seed), random_rotations(1, seed + 1)[0]
    before = to_angles(states, frame(seed))
    after = to_angles(states @ turn.T, Frame(frame(seed).rotation @ turn.T))
    assert np.allclose(wrapped_difference(after.azimuth, before.azimuth), 0, atol=1e-7)
    assert np.allclose(after.polar, before.polar, atol=1e-9)


@given(seed=SEEDS, stretch=st.floats(0.1, 10))
def test_direction_does_not_see_the_length(seed: int, stretch: float) -> None:
    states = draw_states(seed)
    unit, determined = direction(states)
    assert np.allclose(np.linalg.norm(unit[determined], axis=1), 1)
    assert np.allclose(direction(states * stretch)[0][determined], unit[determined], atol=1e-12)


@pytest.mark.parametrize("length", [0.0, 1e-300, MIN_RADIUS * 0.99])
def test_a_state_at_the_origin_is_undetermined_and_never_nan(length: float) -> None:
    states = np.array([[length, 0.0, 0.0], [0.3, 0.4, 0.0]])
    angles = to_angles(states, frame(0))
    assert angles.determined.tolist() == [False, True]
    assert (angles.azimuth[0], angles.polar[0]) == (0.0, 0.0)
    assert np.allclose(angles.radius, [length, 0.5])


def test_the_cut_and_the_poles_have_one_name() -> None:
    states = np.array([[-1.0, 0.0, 0.0], [-1.0, -0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -0.0, -1.0]])
    angles = to_angles(states, Frame(np.eye(3)))
    assert angles.azimuth[:2].tolist() == [np.pi, np.pi]
    assert angles.polar[2:].tolist() == [0.0, np.pi]


@given(a=FLOATS, b=FLOATS)
def test_wrapped_difference_is_the_short_way_round(a: float, b: float) -> None:
    turn = float(wrapped_difference(np.array(a), np.array(b)))
    assert -np.pi < turn <= np.pi
    assert np.exp(1j * (b + turn)) == pytest.approx(np.exp(1j * a), abs=1e-9)


def test_random_rotations_are_proper_and_spread_evenly() -> None:
    rotations = random_rotations(4_000, 0)
    assert np.allclose(rotations @ rotations.transpose(0, 2, 1), np.eye(3), atol=1e-12)
    assert np.allclose(np.linalg.det(rotations), 1)
    assert np.abs(rotations.mean(axis=0)).max() < 0.05
    assert np.allclose(np.square(rotations).mean(axis=0), 1 / 3, atol=0.02)


@pytest.mark.parametrize("matrix", [np.eye(2), 2 * np.eye(3), np.diag([1.0, 1.0, -1.0])])
def test_what_is_not_a_rotation_is_refused(matrix: np.ndarray) -> None:
    with pytest.raises(ValueError, match="not a rotation"):
        Frame(matrix)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_fitted_frame_keeps_seams_away_from_customers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    centre = rng.normal(size=3)
    states = centre / np.linalg.norm(centre) + 0.25 * rng.normal(size=(500, 3))  # a crowd on one side of the sphere
    angles = to_angles(states, fit_frame(states, seed, candidates=200))
    assert (np.abs(angles.azimuth) > np.pi - 0.5).mean() < 0.01
    assert (np.sin(angles.polar) < 0.3).mean() < 0.01


def test_fitted_frame_is_determined_by_its_seed_and_ignores_the_undetermined() -> None:
    states = draw_states(0)
    fitted = fit_frame(states, seed=3, candidates=50).rotation
    assert np.array_equal(fitted, fit_frame(states, seed=3, candidates=50).rotation)
    assert np.array_equal(fitted, fit_frame(np.vstack([states, np.zeros((9, 3))]), seed=3, candidates=50).rotation)


def test_frame_of_customers_who_all_point_the_same_way_is_a_rotation() -> None:
    assert fit_frame(np.ones((9, 3)), candidates=5).rotation.shape == (3, 3)


def test_frame_needs_customers() -> None:
    with pytest.raises(ValueError, match="at least five customers with a direction, found 1"):
        fit_frame(np.vstack([np.zeros((8, 3)), np.ones((1, 3))]))
