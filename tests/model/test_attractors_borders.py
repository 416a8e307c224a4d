"""Attractors at their borders: ties, precision, and inputs that only nearly fit."""

import numpy as np
import pytest

from model.attractors import convergence, customer_attractors, fixed_points, prototype_inputs
from model.weights import Weights


def network(seed: int, classes: int = 4) -> Weights:
    rng = np.random.default_rng(seed)
    return Weights(
        rng.normal(size=(classes, 12)),
        rng.normal(size=(3, 12)),
        rng.normal(size=12),
        rng.normal(size=(3, 5)),
        None,
        np.ones(classes),
    )


def test_equally_strong_customers_stand_for_a_trait_in_their_order() -> None:
    """Whoever sorts differently picks other prototypes on another machine."""
    inputs = np.random.default_rng(0).random((500, 4))
    strength = np.where(np.arange(500) % 2, 0.9, 0.1)
    found = prototype_inputs(inputs, np.full(500, 2), strength)
    assert found[2] == pytest.approx(inputs[1:101:2].mean(axis=0), abs=1e-15)


def test_prototypes_of_single_precision_shares_are_averaged_in_double() -> None:
    inputs = np.random.default_rng(1).random((50_000, 2)).astype(np.float32)
    found = prototype_inputs(inputs, np.zeros(50_000, dtype=np.int64), np.ones(50_000))  # type: ignore[arg-type]
    assert found.shape == (5, 2)
    assert found[0] == pytest.approx(inputs[:5_000].astype(np.float64).mean(axis=0), abs=1e-14)


def test_a_tenth_is_rounded_up() -> None:
    inputs = np.random.default_rng(2).random((11, 3))
    found = prototype_inputs(inputs, np.zeros(11, dtype=np.int64), np.arange(11.0))
    assert found[0] == pytest.approx(inputs[[10, 9]].mean(axis=0))


def test_the_way_to_an_attractor_at_the_origin_is_measured_by_the_shortest_direction() -> None:
    assert convergence(np.full((1, 2, 3), 2e-3), np.zeros((1, 3))) == pytest.approx([2 * np.sqrt(3)])


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        (np.ones((2, 5)), r"^shares have shape \(2, 5\), expected \(n, 4\)$"),
        (np.ones((2, 3, 4)), r"^shares have shape \(2, 3, 4\), expected \(n, 4\)$"),
        (np.ones(4), r"^shares have shape \(4,\), expected \(n, 4\)$"),
        (np.full((2, 4), np.inf), r"^shares are not finite: no attractor without an input; leave absent traits"),
    ],
)
def test_shares_that_do_not_fit_are_named(shares: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        customer_attractors(network(0), shares, np.zeros((2, 3)))


def test_starts_of_another_width_are_named() -> None:
    with pytest.raises(ValueError, match=r"^states have shape \(2, 2\), expected \(2, 3\)$"):
        customer_attractors(network(0), np.ones((2, 4)), np.zeros((2, 2)))


@pytest.mark.parametrize("seed", range(4))
def test_the_descriptions_of_fixed_points_agree_with_one_another(seed: int) -> None:
    """Sorted; the cell is what o tanh(c) = h asks for; indices are the signs of a numerical determinant."""
    weights, share = network(seed), np.random.default_rng(seed).dirichlet(np.ones(4))
    points = fixed_points(weights, share, np.empty((0, 3)))
    assert points.h.tolist() == sorted(points.h.tolist())
    z = share @ weights.kernel + points.h @ weights.recurrent + weights.bias
    gate = 1 / (1 + np.exp(-z))
    assert points.c == pytest.approx(gate[:, :3] * np.tanh(z[:, 6:9]) / (1 - gate[:, 3:6]))
    assert gate[:, 9:] * np.tanh(points.c) == pytest.approx(points.h, abs=1e-10)
    assert points.residual.shape == points.spectral_radius.shape == (len(points.h),)
    assert points.index.dtype == np.int64
    assert isinstance(points.index_sum, int)
    assert isinstance(points.complete, bool)
