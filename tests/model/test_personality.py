import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model.personality import (
    Scaling,
    coverage,
    dominance_order,
    fit_scaling,
    logistic,
    memberships,
    scores,
    segment_names,
)
from model.vocabulary import LETTERS, TRAITS

SEEDS = st.integers(0, 10_000)


def world(seed: int, n: int = 20, n_classes: int = 7) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    coefficients = rng.normal(size=(n_classes, 5))
    coefficients[0] = 0.0
    return rng.dirichlet(np.ones(n_classes), n), coefficients


@given(seed=SEEDS)
def test_score_of_a_mean_share_is_the_mean_score(seed: int) -> None:
    shares, coefficients = world(seed)
    assert np.allclose(scores(shares.mean(axis=0), coefficients), scores(shares, coefficients).mean(axis=0))


@given(seed=SEEDS)
def test_training_customers_are_standardised(seed: int) -> None:
    shares, coefficients = world(seed)
    raw = scores(shares, coefficients)
    scaling = fit_scaling(raw)
    z = (raw - scaling.mean) / scaling.sd
    assert np.allclose(z.mean(axis=0), 0, atol=1e-9)
    assert np.allclose(z.std(axis=0), 1)
    assert np.allclose(memberships(raw, scaling), 1 / (1 + np.exp(-z)))


@given(z=arrays(np.float64, 5, elements=st.floats(-1e6, 1e6)))
def test_logistic_is_bounded_and_symmetric(z: np.ndarray) -> None:
    with np.errstate(all="raise", under="ignore"):
        assert ((logistic(z) >= 0) & (logistic(z) <= 1)).all()
        assert np.allclose(logistic(z) + logistic(-z), 1)


@given(seed=SEEDS)
def test_coverage_is_the_spend_outside_classes_without_coefficients(seed: int) -> None:
    shares, coefficients = world(seed)
    assert np.allclose(coverage(shares, coefficients), 1 - shares[:, 0])


@given(values=arrays(np.float64, (6, 5), elements=st.sampled_from([0.1, 0.5, 0.9])))
def test_order_is_by_membership_then_by_ocean(values: np.ndarray) -> None:
    for row, order in zip(values, dominance_order(values), strict=True):
        assert order.tolist() == sorted(range(5), key=lambda trait: (-row[trait], trait))


@given(orders=st.lists(st.permutations(range(5)), min_size=1, max_size=5), depth=st.integers(1, 5))
def test_names_spell_the_order(orders: list[list[int]], depth: int) -> None:
    names = segment_names(np.array(orders), depth)
    assert names.tolist() == [".".join(LETTERS[trait] for trait in order[:depth]) for order in orders]


def test_letters_are_the_traits_initials() -> None:
    assert [trait[0].upper() for trait in TRAITS] == list(LETTERS)


@pytest.mark.parametrize("depth", [0, 6])
def test_depth_outside_the_hierarchy_is_refused(depth: int) -> None:
    with pytest.raises(ValueError, match="outside 1 to 5"):
        segment_names(np.arange(5), depth)


def test_no_coefficient_for_any_class_is_refused() -> None:
    with pytest.raises(ValueError, match="no class carries a coefficient"):
        scores(np.full((2, 3), 1 / 3), np.zeros((3, 5)))


def test_coefficients_of_other_classes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(4, 5\), expected \(3, 5\)"):
        coverage(np.full((2, 3), 1 / 3), np.ones((4, 5)))


def test_constant_scores_name_their_traits() -> None:
    shares, coefficients = world(0)
    coefficients[:, 1] = 0.0
    coefficients[:, 4] = 0.7  # the same for every class, so the same for every customer but for rounding
    with pytest.raises(ValueError, match="constant scores for conscientiousness, neuroticism: 20 training"):
        fit_scaling(scores(shares, coefficients))


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (np.zeros((0, 5)), "no training customers"),
        (np.arange(5.0)[None], "constant scores"),
        (np.full((3, 5), np.nan), "not finite"),
    ],
)
def test_scores_that_can_not_be_scaled_are_refused(raw: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit_scaling(raw)


def test_scaling_is_not_refitted_at_scoring_time() -> None:
    scaling = Scaling(np.zeros(5), np.ones(5))
    assert memberships(np.full((1, 5), 2.0), scaling) == pytest.approx(logistic(np.full((1, 5), 2.0)))
