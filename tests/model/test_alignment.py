import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.alignment import align, apply, signed_permutations
from model.trajectories import hidden_states, outputs
from model.weights import Weights

SEEDS = st.integers(0, 100_000)
CHOICES = st.integers(0, 47)


def network(seed: int, classes: int = 6, readout_bias: bool = False) -> Weights:
    rng = np.random.default_rng(seed)
    return Weights(
        kernel=rng.normal(size=(classes, 12)),
        recurrent=rng.normal(size=(3, 12)),
        bias=rng.normal(size=12),
        readout=rng.normal(size=(3, 5)),
        readout_bias=rng.normal(size=5) if readout_bias else None,
        scale=rng.uniform(0.1, 1, classes),
    )


def trace(weights: Weights, seed: int) -> np.ndarray:
    rng = np.random.default_rng([1, seed])
    return hidden_states(weights, rng.dirichlet(np.ones(weights.n_classes), (20, 6)), rng.random((20, 6)) < 0.8)


def test_all_signed_permutations_are_there_once_and_the_identity_first() -> None:
    orders, signs = signed_permutations()
    matrices = np.eye(3)[orders] * signs[:, :, None] + 0.0
    assert len({matrix.tobytes() for matrix in matrices}) == 48
    assert np.allclose(matrices @ matrices.transpose(0, 2, 1), np.eye(3))
    assert (matrices[0] == np.eye(3)).all()


@given(seed=SEEDS, choice=CHOICES, readout_bias=st.booleans())
@settings(deadline=None, max_examples=30)
def test_a_signed_permutation_turns_the_states_and_keeps_the_function(
    seed: int, choice: int, readout_bias: bool
) -> None:
    before = network(seed, readout_bias=readout_bias)
    order, sign = (both[choice] for both in signed_permutations())
    after = apply(before, order, sign)
    states, turned = trace(before, seed), trace(after, seed)
    assert turned == pytest.approx(sign * states[..., order], abs=1e-12)
    assert outputs(after, turned) == pytest.approx(outputs(before, states), abs=1e-12)


@given(seed=SEEDS, choice=CHOICES)
@settings(deadline=None, max_examples=30)
def test_aligning_undoes_a_signed_permutation(seed: int, choice: int) -> None:
    champion = network(seed)
    challenger = apply(champion, *(both[choice] for both in signed_permutations()))
    found = align(challenger, trace(challenger, seed), trace(champion, seed))
    assert found.distance == pytest.approx(0, abs=1e-20)
    for name in ("kernel", "recurrent", "bias", "readout"):
        assert getattr(found.weights, name) == pytest.approx(getattr(champion, name), abs=1e-12)


@given(seed=SEEDS)
@settings(deadline=None, max_examples=5)
def test_no_other_signed_permutation_brings_two_networks_nearer(seed: int) -> None:
    champion, challenger = network(seed), network(seed + 1)
    theirs = trace(champion, seed)
    found = align(challenger, trace(challenger, seed), theirs)
    every = [
        np.square(trace(apply(challenger, *both), seed) - theirs).sum(axis=-1).mean()
        for both in zip(*signed_permutations(), strict=True)
    ]
    assert found.distance == pytest.approx(min(every))
    assert found.distance == pytest.approx(np.square(trace(found.weights, seed) - theirs).sum(axis=-1).mean())


def test_equal_distances_choose_the_identity() -> None:
    states = trace(network(0), 0)
    found = align(network(0), states, np.zeros_like(states))
    assert found.permutation.tolist() == [0, 1, 2]
    assert found.signs.tolist() == [1, 1, 1]


def test_what_does_not_fit_is_named() -> None:
    weights, states = network(0), trace(network(0), 0)
    with pytest.raises(ValueError, match="not a signed permutation of 3 units"):
        apply(weights, np.array([0, 1, 1]), np.array([1, 1, 1]))
    with pytest.raises(ValueError, match="not a signed permutation of 3 units"):
        apply(weights, np.array([0, 1, 2]), np.array([1, 0, 1]))
    with pytest.raises(ValueError, match="expected two equal"):
        align(weights, states, states[1:])
    with pytest.raises(ValueError, match="expected two equal"):
        align(weights, states[:0], states[:0])
