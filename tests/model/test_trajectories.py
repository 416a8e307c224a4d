from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import trajectories
from model.personality import Scaling, memberships, scores
from model.trajectories import Target, expanding_mean, hidden_states, logits, mean_share, outputs, targets
from model.weights import Weights

SEEDS = st.integers(0, 10_000)
N, T, C = 12, 5, 4
SCALING = Scaling(np.full(5, 0.1), np.full(5, 0.4))


def world(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shares, mask and coefficients; masked steps hold nonsense, which must not matter."""
    rng = np.random.default_rng(seed)
    shares, mask = rng.dirichlet(np.ones(C), (N, T)), rng.random((N, T)) < 0.7
    shares[~mask] = rng.choice([0.0, 7.0, np.nan])
    return shares, mask, rng.normal(size=(C, 5))


def network(seed: int, readout_bias: bool = False) -> Weights:
    rng = np.random.default_rng(seed)
    return Weights(
        rng.normal(size=(C, 12)),
        rng.normal(size=(3, 12)),
        rng.normal(size=12),
        rng.normal(size=(3, 5)),
        rng.normal(size=5) if readout_bias else None,
        rng.uniform(0.1, 1, C),
    )


@given(seed=SEEDS)
def test_means_agree_with_brute_force(seed: int) -> None:
    shares, mask, _ = world(seed)
    expanding, whole = expanding_mean(shares, mask), mean_share(shares, mask)
    for row in range(N):
        for step in range(T):
            seen = shares[row, : step + 1][mask[row, : step + 1]]
            assert np.allclose(expanding[row, step], seen.mean(axis=0) if len(seen) else 0.0)
        assert np.allclose(whole[row], expanding[row, -1])


@given(seed=SEEDS, kind=st.sampled_from(get_args(Target)))
def test_targets_are_the_memberships_they_say(seed: int, kind: Target) -> None:
    shares, mask, coefficients = world(seed)
    values, counts = targets(shares, mask, coefficients, SCALING, kind)
    assert np.isfinite(values).all()
    assert not (counts & ~mask).any()
    means = expanding_mean(shares, mask)
    for row, step in np.argwhere(mask):
        following = step + 1 < T and mask[row, step + 1]
        assert counts[row, step] == (following if kind == "next_step" else True)
        if counts[row, step]:
            share = {"expanding": means[row, step], "settled": means[row, -1]}.get(kind)
            share = shares[row, step + 1] if share is None else share
            assert np.allclose(values[row, step], memberships(scores(share, coefficients), SCALING))


@given(seed=SEEDS)
def test_masking_a_step_is_leaving_it_out(seed: int) -> None:
    shares, mask, _ = world(seed)
    weights = network(seed)
    states = hidden_states(weights, shares, mask)
    for row in range(N):
        active = shares[row][mask[row]]
        alone = hidden_states(weights, active[None], np.ones((1, len(active)), bool))[0]
        position = mask[row].cumsum()
        expected = np.vstack([np.zeros(3), alone])[position]  # before the first step zeros, then carried on
        assert np.allclose(states[row], expected, atol=1e-12)


@given(seed=SEEDS)
def test_later_steps_do_not_change_earlier_states(seed: int) -> None:
    shares, mask, _ = world(seed)
    weights = network(seed)
    cut = hidden_states(weights, shares[:, :3], mask[:, :3])
    assert np.allclose(hidden_states(weights, shares, mask)[:, :3], cut, atol=1e-12)


@given(seed=SEEDS)
def test_recurrence_is_the_lstm_of_the_books(seed: int) -> None:
    shares, _, _ = world(seed)
    shares, weights = np.nan_to_num(shares[:1]), network(seed)
    hidden, cell = np.zeros(3), np.zeros(3)
    states = hidden_states(weights, shares, np.ones((1, T), bool))
    for step in range(T):
        z = shares[0, step] / weights.scale @ weights.kernel + hidden @ weights.recurrent + weights.bias
        i, f, o = (1 / (1 + np.exp(-z[block : block + 3])) for block in (0, 3, 9))
        cell = f * cell + i * np.tanh(z[6:9])
        hidden = o * np.tanh(cell)
        assert np.allclose(states[0, step], hidden, atol=1e-12)


@given(seed=SEEDS)
def test_customers_do_not_touch_each_other(seed: int) -> None:
    shares, mask, _ = world(seed)
    weights, order = network(seed), np.random.default_rng(seed).permutation(N)
    states = hidden_states(weights, shares, mask)
    assert np.allclose(hidden_states(weights, shares[order], mask[order]), states[order], atol=1e-12)


def test_chunks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    shares, mask, _ = world(1)
    whole = hidden_states(network(1), shares, mask)
    monkeypatch.setattr(trajectories, "CHUNK", 5)
    assert np.allclose(hidden_states(network(1), shares, mask), whole, atol=1e-12)


def test_single_precision_shares_are_enough() -> None:
    shares, mask, _ = world(2)
    states = hidden_states(network(2), shares, mask)
    assert np.allclose(hidden_states(network(2), shares.astype(np.float32), mask), states, atol=1e-5)
    assert np.allclose(mean_share(shares.astype(np.float32), mask), mean_share(shares, mask), atol=1e-6)


def test_all_steps_masked_gives_zeros() -> None:
    shares = np.full((2, T, C), np.nan)
    mask = np.zeros((2, T), bool)
    assert not hidden_states(network(0), shares, mask).any()
    assert not mean_share(shares, mask).any()


@given(seed=SEEDS, stretch=st.floats(0.1, 10))
def test_without_bias_the_direction_decides_the_order(seed: int, stretch: float) -> None:
    states = np.random.default_rng(seed).normal(size=(N, 3))
    weights = network(seed)
    assert np.array_equal(logits(weights, states).argsort(), logits(weights, stretch * states).argsort())
    assert np.allclose(outputs(weights, np.zeros(3)), 0.5)


def test_read_out_bias_is_added() -> None:
    weights = network(0, readout_bias=True)
    assert weights.readout_bias is not None
    assert np.allclose(logits(weights, np.zeros(3)), weights.readout_bias)


def test_shares_of_other_classes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"expected \(2, 5, 4\)"):
        hidden_states(network(0), np.zeros((2, T, C + 1)), np.ones((2, T), bool))
