from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.reasons import NO_CLASS, Reasons, explain, lead_vectors, nudge, top_reasons
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


def move(shares: np.ndarray, position: int, change: float) -> np.ndarray:
    """One class's share changed, the others shrunk or grown in proportion."""
    moved = np.array(shares * (1 - shares[position] - change) / (1 - shares[position]))
    moved[position] = shares[position] + change
    return moved


@given(seed=SEEDS)
def test_a_nudge_closes_the_lead_and_no_smaller_one_does(seed: int) -> None:
    world = World(seed)
    ceiling = np.random.default_rng(seed).uniform(0.1, 1, C)
    nudges = nudge(world.reasons, world.shares, world.surrogate, world.weights, ceiling)
    vectors = lead_vectors(world.weights.readout, world.reasons.dominant, world.reasons.runner_up)
    for row in range(N):
        shares, vector = world.shares[row], vectors[row]
        lead, here = world.reasons.lead[row], predict(world.surrogate, shares) @ vector

        def left(position: int, change: float) -> float:
            moved = predict(world.surrogate, move(shares, position, change))  # noqa: B023 - used in this turn only
            return float(lead + moved @ vector - here)  # noqa: B023

        position, change = nudges.position[row], nudges.change[row]
        limit = np.inf if position == NO_CLASS else abs(change) - 1e-9
        if position != NO_CLASS:
            assert left(position, change) == pytest.approx(0, abs=1e-8)
            assert -1e-12 <= shares[position] + change <= max(ceiling[position], shares[position]) + 1e-12
        for other in range(C):  # linear in the change, so the ends of the range tell
            assert left(other, max(-shares[other], -limit)) > 0
            assert left(other, min(max(ceiling[other] - shares[other], 0), limit)) > 0


def test_a_lead_out_of_reach_has_no_nudge() -> None:
    world = World(0)
    far = replace(world.reasons, lead=np.full(N, 1e3))
    nudges = nudge(far, world.shares, world.surrogate, world.weights)
    assert (nudges.position == NO_CLASS).all()
    assert not nudges.change.any()


def test_a_customer_of_one_class_has_no_nudge() -> None:
    world = World(0)
    shares = np.eye(C)[[2]]
    reasons = explain(shares, world.population, world.surrogate, world.weights, world.states[:1])
    only = nudge(reasons, shares, world.surrogate, world.weights)
    assert only.position[0] != 2  # nobody to share the change with
