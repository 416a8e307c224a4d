import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model.reasons import Reasons, explain, top_reasons
from model.surrogate import Surrogate, predict
from model.trajectories import logits
from model.weights import Weights

SEEDS = st.integers(0, 10_000)
N, C = 15, 6


class World:
    """A network, a surrogate that is right but for noise, and customers."""

    def __init__(self, seed: int, noise: float = 0.05, readout_bias: bool = False) -> None:
        rng = np.random.default_rng(seed)
        bias = rng.normal(size=5) if readout_bias else None
        self.weights = Weights(
            np.zeros((C, 12)), np.zeros((3, 12)), np.zeros(12), rng.normal(size=(3, 5)), bias, np.ones(C)
        )
        self.surrogate = Surrogate(rng.normal(size=(C, 3)), rng.normal(size=3) * 0.1)
        self.shares = rng.dirichlet(np.ones(C), N)
        self.population = np.full(C, 1 / C)
        self.states = predict(self.surrogate, self.shares) + noise * rng.normal(size=(N, 3))
        self.reasons = explain(self.shares, self.population, self.surrogate, self.weights, self.states)


@given(seed=SEEDS, readout_bias=st.booleans())
def test_the_parts_add_up_to_the_lead(seed: int, readout_bias: bool) -> None:
    world = World(seed, readout_bias=readout_bias)
    r = world.reasons
    ranked = np.sort(logits(world.weights, world.states))
    assert np.allclose(r.lead, ranked[:, -1] - ranked[:, -2])
    assert np.allclose(r.contributions.sum(axis=1) + r.intercept + r.residual, r.lead, atol=1e-12)
    assert np.array_equal(r.weak, np.abs(r.residual) > np.abs(r.contributions.sum(axis=1)))


@given(seed=SEEDS, readout_bias=st.booleans())
def test_an_exact_surrogate_leaves_no_residual(seed: int, readout_bias: bool) -> None:
    reasons = World(seed, noise=0.0, readout_bias=readout_bias).reasons
    assert np.allclose(reasons.residual, 0, atol=1e-12)


@given(seed=SEEDS)
def test_the_average_customer_has_no_contributions(seed: int) -> None:
    world = World(seed)
    average = np.tile(world.population, (N, 1))
    assert not explain(average, world.population, world.surrogate, world.weights, world.states).contributions.any()


@given(seed=SEEDS)
def test_a_constant_in_the_coefficients_moves_no_sum(seed: int) -> None:
    world = World(seed)
    shift = np.array([0.5, -1.0, 2.0])
    moved = Surrogate(world.surrogate.coefficients + shift, world.surrogate.intercept - shift)
    other = explain(world.shares, world.population, moved, world.weights, world.states)
    assert np.allclose(other.contributions.sum(axis=1), world.reasons.contributions.sum(axis=1))
    assert np.allclose(other.residual, world.reasons.residual)


@given(values=st.lists(st.sampled_from([-0.5, -0.2, 0.0, 0.2, 0.5]), min_size=C, max_size=C), k=st.integers(1, C))
def test_top_reasons_are_by_size_then_by_class(values: list[float], k: int) -> None:
    zeros, integers = np.zeros(1), np.zeros(1, np.int64)
    reasons = Reasons(integers, integers, np.array([values]), zeros, zeros, zeros, np.zeros(1, bool))
    assert top_reasons(reasons, k)[0].tolist() == sorted(range(C), key=lambda c: (-abs(values[c]), c))[:k]
