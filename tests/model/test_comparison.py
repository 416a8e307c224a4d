"""The figures of the comparison: what they mean on data whose answer is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.comparison import dominant, early, foretold, foretold_r2, kept, names_by_depth, ward_agreement
from model.types import FloatArray

N, T = 300, 6


def steady(generator: np.random.Generator, noise: float = 0.01) -> FloatArray:
    """Memberships of people who stay what they are, (N, T, 5)."""
    people = generator.random((N, 1, 5))
    return np.asarray(people + noise * generator.standard_normal((N, T, 5)))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_shuffling_histories_between_people_makes_stability_collapse(seed: int) -> None:
    generator = np.random.default_rng(seed)
    memberships, mask = steady(generator), np.ones((N, T), dtype=bool)
    shuffled = np.stack([memberships[generator.permutation(N), t] for t in range(T)], axis=1)
    assert kept(memberships, mask) > 0.9
    assert kept(shuffled, mask) < 0.4
    assert early(memberships, mask) > 0.85
    assert early(shuffled, mask) < 0.4
    assert foretold(memberships, memberships, mask) > 0.85
    assert foretold_r2(shuffled, shuffled, mask) < 0.1
    assert foretold_r2(memberships, memberships, mask) > 0.9


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_kept_is_what_a_loop_counts(seed: int) -> None:
    generator = np.random.default_rng(seed)
    memberships, mask = generator.random((20, T, 5)), generator.random((20, T)) < 0.7
    mask[0] = True
    leading = dominant(memberships)
    pairs = [(n, t) for n in range(20) for t in range(1, T) if mask[n, t] and mask[n, t - 1]]
    assert kept(memberships, mask) == pytest.approx(np.mean([leading[n, t] == leading[n, t - 1] for n, t in pairs]))


def test_ward_finds_segments_that_are_there_and_none_in_noise() -> None:
    generator = np.random.default_rng(0)
    memberships = generator.random((400, 5)) * 0.1
    memberships[np.arange(400), np.arange(400) % 5] += 1
    names = names_by_depth(memberships)
    assert ward_agreement(memberships, names, seed=0)[0] == pytest.approx(1.0)
    assert ward_agreement(generator.random((400, 3)), names, seed=0)[0] < 0.1
