"""Precision and shapes of the recurrence, Newton's steps one at a time, and alignments that can not be."""

import numpy as np
import pytest

from model import equilibria
from model.alignment import align
from model.equilibria import newton, reduced
from model.trajectories import hidden_states, mean_share
from model.weights import Weights

C, T = 4, 5


def network(seed: int = 0) -> Weights:
    rng = np.random.default_rng(seed)
    kernel, recurrent, bias = rng.normal(size=(C, 12)), rng.normal(size=(3, 12)), rng.normal(size=12)
    return Weights(kernel, recurrent, bias, rng.normal(size=(3, 5)), None, rng.uniform(0.2, 1, C))


def test_single_precision_is_only_how_shares_are_stored() -> None:
    """What is computed from them is what doubles of the same values give, to the last digits."""
    rng = np.random.default_rng(0)
    shares, mask = rng.dirichlet(np.ones(C), (200, T)).astype(np.float32), rng.random((200, T)) < 0.8
    double = shares.astype(np.float64)
    assert mean_share(shares, mask).dtype == hidden_states(network(), shares, mask).dtype == np.float64
    assert mean_share(shares, mask) == pytest.approx(mean_share(double, mask), abs=1e-15)
    assert hidden_states(network(), shares, mask) == pytest.approx(hidden_states(network(), double, mask), abs=1e-15)


def solved(h: np.ndarray, driven: np.ndarray, recurrent: np.ndarray) -> np.ndarray:
    """Where the tangent at h meets zero, with a Jacobian by differences and a solution by Cramer's rule."""
    nudged = h + 1e-6 * np.concatenate([np.eye(3), -np.eye(3)])
    ends = reduced(nudged, driven, recurrent)[0]
    system = np.eye(3) - (ends[:3] - ends[3:]).T / 2e-6
    right = (reduced(h, driven, recurrent)[0] - h)[0]
    replaced = [np.where(np.arange(3) == column, right[:, None], system) for column in range(3)]
    return np.asarray([np.linalg.det(matrix) for matrix in replaced] / np.linalg.det(system))


@pytest.mark.parametrize("seed", range(12))
def test_one_step_of_newton_goes_along_the_tangent_no_longer_than_half_and_not_out_of_the_cube(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(equilibria, "NEWTON_STEPS", 1)
    rng = np.random.default_rng(seed)
    recurrent, driven, h = 2 * rng.normal(size=(3, 12)), rng.normal(size=(1, 12)), rng.uniform(-1, 1, (1, 3))
    change = solved(h, driven, recurrent)
    change *= min(1, 0.5 / np.abs(change).max())
    before = h.copy()
    assert newton(h, driven, recurrent)[0] == pytest.approx(np.clip(h[0] + change, -1, 1), abs=1e-6)
    assert np.array_equal(h, before)


def test_every_row_has_an_input_of_its_own_and_one_input_serves_all_rows() -> None:
    rng = np.random.default_rng(3)
    recurrent, driven, starts = rng.normal(size=(3, 12)), rng.normal(size=(6, 12)), rng.uniform(-1, 1, (6, 3))
    together = newton(starts, driven, recurrent)
    alone = [newton(starts[row : row + 1], driven[row : row + 1], recurrent)[0] for row in range(6)]
    assert together == pytest.approx(np.array(alone), abs=1e-12)
    assert newton(starts, driven[:1], recurrent) == pytest.approx(newton(starts, driven[[0] * 6], recurrent), abs=1e-12)


def test_newton_doubles_the_digits_and_ends_where_the_map_stands_still() -> None:
    rng = np.random.default_rng(4)
    recurrent, driven = rng.normal(size=(3, 12)), rng.normal(size=(1, 12))
    ends = newton(rng.uniform(-1, 1, (50, 3)), driven, recurrent)
    assert np.abs(reduced(ends, driven, recurrent)[0] - ends).max() < 1e-14


def test_a_singular_system_takes_the_shortest_step_and_leaves_the_others_their_own() -> None:
    singular, right = np.diag([2.0, 4.0, 0.0]), np.array([[2.0, 4.0, 6.0], [3.0, 1.0, 2.0]])
    found = equilibria._solve(np.stack([singular, np.eye(3)]), right)
    assert found == pytest.approx(np.array([[1.0, 1.0, 0.0], [3.0, 1.0, 2.0]]))
    assert newton(np.empty((0, 3)), np.zeros((1, 12)), np.zeros((3, 12))).shape == (0, 3)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [((4, T, 3), (3, T, 3)), ((4, T, 2), (4, T, 2)), ((0, T, 3), (0, T, 3)), ((4, T, 3), (4, T, 2))],
)
def test_states_that_can_not_be_aligned_are_named(ours: tuple[int, ...], theirs: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="states to align have shapes") as caught:
        align(network(), np.zeros(ours), np.zeros(theirs))
    assert str(caught.value) == f"states to align have shapes {ours} and {theirs}; expected two equal"
