import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from model.attractors import convergence, customer_attractors, fixed_points, prototype_inputs
from model.equilibria import reduced, resting_cell, spectral_radius, step
from model.trajectories import hidden_states
from model.weights import Weights

SEEDS = st.integers(0, 100_000)
CLASSES = 4
NO_STARTS = np.empty((0, 3))


def network(seed: int, strength: float = 1.0) -> Weights:
    rng = np.random.default_rng(seed)
    return Weights(
        kernel=rng.normal(size=(CLASSES, 12)),
        recurrent=strength * rng.normal(size=(3, 12)),
        bias=rng.normal(size=12),
        readout=rng.normal(size=(3, 5)),
        readout_bias=None,
        scale=rng.uniform(0.2, 1, CLASSES),
    )


def uncoupled(slope: float) -> Weights:
    """Three units, each on its own: h = tanh(tanh(slope h)) / 2 at rest, whatever the input."""
    recurrent = np.zeros((3, 12))
    recurrent[:, 6:9] = slope * np.eye(3)
    return Weights(np.zeros((CLASSES, 12)), recurrent, np.zeros(12), np.eye(3, 5), None, np.ones(CLASSES))


def shares(seed: int, n: int = 1) -> np.ndarray:
    return np.random.default_rng([1, seed]).dirichlet(np.ones(CLASSES), n)


def iterate(weights: Weights, inputs: np.ndarray, steps: int) -> np.ndarray:
    """The last two states under constant inputs, by the network itself."""
    held = np.repeat(inputs[:, None], steps, axis=1)
    return hidden_states(weights, held, np.ones(held.shape[:2], dtype=bool))[:, -2:]


@given(seed=SEEDS, strength=st.sampled_from([1.0, 3.0]))
@settings(deadline=None, max_examples=20)
def test_fixed_points_do_not_move_and_are_told_apart(seed: int, strength: float) -> None:
    weights, inputs = network(seed, strength), shares(seed)
    found = fixed_points(weights, inputs[0], NO_STARTS)
    driven = inputs / weights.scale @ weights.kernel + weights.bias
    h, c = step(found.h, found.c, driven, weights.recurrent)
    assert len(found.h) > 0
    assert h == pytest.approx(found.h, abs=1e-10)
    assert c == pytest.approx(found.c, rel=1e-8, abs=1e-10)
    assert (found.residual < 1e-10).all()
    apart = np.abs(found.h[:, None] - found.h[None]).max(axis=2) + np.eye(len(found.h))
    assert apart.min() > 1e-6
    assert found.index_sum == found.index.sum()
    assert found.complete == (found.index_sum == 1 and (found.index != 0).all())


def test_the_indices_of_random_networks_sum_to_one() -> None:
    found = [fixed_points(network(seed), shares(seed)[0], NO_STARTS) for seed in range(20)]
    assert all(points.complete for points in found)
    assert any(len(points.h) == 3 for points in found)


def test_three_bistable_units_have_27_fixed_points_of_which_8_attract() -> None:
    found = fixed_points(uncoupled(slope=20.0), shares(0)[0], NO_STARTS)
    assert (len(found.h), found.stable.sum(), found.index_sum, found.complete) == (27, 8, 1, True)
    assert (found.stable == (np.abs(found.h) > 0.3).all(axis=1)).all()
    assert np.tanh(np.tanh(20.0 * found.h)) / 2 == pytest.approx(found.h, abs=1e-10)
    assert (found.index == np.where(np.abs(found.h) < 0.1, -1, 1).prod(axis=1)).all()


def test_a_point_about_to_split_is_reported_as_incomplete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.attractors.GRIDS", (3, 6))
    assert not fixed_points(uncoupled(slope=2.0), shares(0)[0], NO_STARTS).complete


def test_visited_states_help_where_the_grid_is_too_coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.attractors.GRIDS", (1,))
    weights = uncoupled(slope=20.0)
    alone = fixed_points(weights, shares(0)[0], NO_STARTS)
    helped = fixed_points(weights, shares(0)[0], np.array([[0.4, 0.4, 0.4]]))
    assert len(helped.h) > len(alone.h)


@given(seed=SEEDS)
@settings(deadline=None, max_examples=10)
def test_the_iterated_network_ends_in_a_stable_point_of_the_list(seed: int) -> None:
    weights, inputs = network(seed, 2.0), shares(seed)
    before, last = iterate(weights, inputs, 400)[0]
    assume(np.abs(last - before).max() < 1e-12)
    found = fixed_points(weights, inputs[0], last[None])
    distances = np.abs(found.h - last).max(axis=1)
    assert distances.min() < 1e-8
    assert found.stable[distances.argmin()]


@given(seed=SEEDS)
@settings(deadline=None, max_examples=10)
def test_perturbations_grow_or_shrink_at_the_spectral_radius(seed: int) -> None:
    weights, inputs = network(seed, 3.0), shares(seed)
    found = fixed_points(weights, inputs[0], NO_STARTS)
    driven = inputs / weights.scale @ weights.kernel + weights.bias
    jacobian = np.array([_numerical_jacobian(*both, driven, weights) for both in zip(found.h, found.c, strict=True)])
    radius = np.abs(np.linalg.eigvals(jacobian)).max(axis=1)
    assert found.spectral_radius == pytest.approx(radius, rel=1e-3, abs=1e-4)
    assert (found.stable == (found.spectral_radius < 1)).all()


def _numerical_jacobian(h: np.ndarray, c: np.ndarray, driven: np.ndarray, weights: Weights) -> np.ndarray:
    """Central differences of one step in all six variables."""
    around = np.concatenate([h, c]) + 1e-6 * np.concatenate([np.eye(6), -np.eye(6)])
    ends = np.concatenate(step(around[:, :3], around[:, 3:], driven, weights.recurrent), axis=1)
    return (ends[:6] - ends[6:]).T / 2e-6


@given(seed=SEEDS)
@settings(deadline=None, max_examples=20)
def test_the_reduced_jacobian_is_the_derivative(seed: int) -> None:
    weights, rng = network(seed), np.random.default_rng(seed)
    h, driven = rng.uniform(-1, 1, (1, 3)), rng.normal(size=(1, 12))
    around = h + 1e-6 * np.concatenate([np.eye(3), -np.eye(3)])
    ends = reduced(around, driven, weights.recurrent)[0]
    numerical = (ends[:3] - ends[3:]).T / 2e-6
    assert reduced(h, driven, weights.recurrent)[1][0] == pytest.approx(numerical, abs=1e-6)


def test_a_forget_gate_wide_open_overflows_nowhere() -> None:
    driven = np.array([[5.0] * 3 + [5_000.0] * 3 + [1.0] * 6])
    with np.errstate(all="raise", under="ignore"):
        image, jacobian = reduced(np.zeros((1, 3)), driven, np.ones((3, 12)))
        radius = spectral_radius(np.zeros((1, 3)), driven, np.ones((3, 12)))
    assert np.isfinite(jacobian).all()
    assert image == pytest.approx(1 / (1 + np.exp(-1)))
    assert np.isfinite(radius).all()
    assert np.isfinite(resting_cell(np.zeros((1, 3)), driven, np.ones((3, 12)))).all()


@given(seed=SEEDS)
@settings(deadline=None, max_examples=10)
def test_each_customer_has_the_attractor_that_its_own_input_leads_to(seed: int) -> None:
    weights, inputs = network(seed), shares(seed, 30)
    ends = iterate(weights, inputs, 600)
    arrived = np.abs(ends[:, 1] - ends[:, 0]).max(axis=1) < 1e-12
    assume(arrived.any())
    found = customer_attractors(weights, inputs, ends[:, 1])
    assert found.converged[arrived].all()
    assert found.h[arrived] == pytest.approx(ends[arrived, 1], abs=1e-8)
    assert (found.spectral_radius[arrived] < 1).all()
    assert convergence(ends, found.h)[arrived] == pytest.approx(0, abs=1e-6)


def test_start_decides_between_two_attractors() -> None:
    start = np.array([[0.3, 0.3, 0.3], [-0.3, 0.3, -0.3]])
    found = customer_attractors(uncoupled(slope=20.0), shares(0, 2), start)
    assert (np.sign(found.h) == np.sign(start)).all()
    assert found.converged.all()
    assert (found.spectral_radius < 1).all()


def test_prototypes_are_the_mean_of_the_strongest_tenth() -> None:
    inputs = shares(2, 41)
    dominant = np.repeat([0, 1, 3], [20, 20, 1])
    strength = np.arange(41.0) % 20
    found = prototype_inputs(inputs, dominant, strength)
    assert found[0] == pytest.approx(inputs[18:20].mean(axis=0))
    assert found[1] == pytest.approx(inputs[38:40].mean(axis=0))
    assert found[3] == pytest.approx(inputs[40])
    assert np.isnan(found[[2, 4]]).all()


def test_what_is_left_of_the_way() -> None:
    states = np.array([[[0.1, 0, 0], [0.2, 0, 0]], [[0, 0, 0], [0, 0, 0.5]], [[0, 0, 0], [0, 0, 0]]])
    attractors = np.array([[0.4, 0, 0], [0, 0, 0.5], [0, 0, 0]])
    assert convergence(states, attractors) == pytest.approx([0.5, 0, 0])


def test_inputs_that_do_not_fit_are_named() -> None:
    weights = network(0)
    with pytest.raises(ValueError, match="shares have shape"):
        fixed_points(weights, np.ones(CLASSES + 1), NO_STARTS)
    with pytest.raises(ValueError, match="shares are not finite"):
        fixed_points(weights, np.full(CLASSES, np.nan), NO_STARTS)
    with pytest.raises(ValueError, match="states have shape"):
        customer_attractors(weights, shares(0, 3), np.zeros((2, 3)))
