import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.angles import Angles
from model.surrogate import (
    Alternative,
    correlation_with_personality,
    fit_alternative,
    fit_angle_surrogate,
    fit_linear,
    fit_state_surrogate,
    nonzero_curve,
    predict,
    r2,
    r2_angles,
)

SEEDS = st.integers(0, 10_000)


def world(seed: int, n: int = 60, n_classes: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Shares that sum to one, and three values near-linear in them."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(n_classes), n)
    return shares, shares @ rng.normal(size=(n_classes, 3)) + 0.05 * rng.normal(size=(n, 3))


def as_angles(azimuth: np.ndarray, polar: np.ndarray, determined: np.ndarray | None = None) -> Angles:
    known = np.ones(len(azimuth), bool) if determined is None else determined
    return Angles(azimuth, polar, np.ones(len(azimuth)), known)


@pytest.mark.parametrize("seed", range(5))
def test_predictions_are_those_of_least_squares(seed: int) -> None:
    from sklearn.linear_model import LinearRegression

    shares, states = world(seed)
    free = LinearRegression().fit(shares[:, 1:], states)  # one class left out: no collinearity, same column space
    assert np.allclose(predict(fit_state_surrogate(shares, states), shares), free.predict(shares[:, 1:]), atol=1e-8)


@given(seed=SEEDS)
def test_average_basket_predicts_the_average_by_its_intercept(seed: int) -> None:
    shares, states = world(seed)
    surrogate = fit_linear(shares, states)
    assert np.allclose(shares.mean(axis=0) @ surrogate.coefficients, 0, atol=1e-9)
    assert np.allclose(surrogate.intercept, states.mean(axis=0), atol=1e-9)


@given(seed=SEEDS)
def test_order_of_customers_does_not_matter(seed: int) -> None:
    shares, states = world(seed)
    order = np.random.default_rng(seed).permutation(len(shares))
    again = fit_linear(shares[order], states[order]).coefficients
    assert np.allclose(again, fit_linear(shares, states).coefficients, atol=1e-9)


def test_a_class_that_never_varies_gets_no_coefficient() -> None:
    shares, states = world(0)
    wide = np.hstack([0.9 * shares, np.full((60, 1), 0.1), np.zeros((60, 1))])
    surrogate = fit_linear(wide, states)
    assert not surrogate.coefficients[-2:].any()
    assert np.allclose(predict(surrogate, wide), predict(fit_linear(shares, states), shares))


def test_shares_that_do_not_sum_to_one_are_not_shifted() -> None:
    rng = np.random.default_rng(0)
    shares, truth = rng.random((50, 4)), rng.normal(size=(4, 2))
    surrogate = fit_angle_surrogate(shares, shares @ truth + 3.0)
    assert np.allclose(surrogate.coefficients, truth)
    assert np.allclose(surrogate.intercept, 3.0)


@pytest.mark.parametrize("n", [1, 5])
def test_constant_shares_are_refused(n: int) -> None:
    with pytest.raises(ValueError, match=f"constant shares: {n} customers"):
        fit_linear(np.full((n, 4), 0.25), np.arange(3.0 * n).reshape(n, 3))


@pytest.mark.parametrize("kind", ["polynomial", "ridge", "tree"])
def test_alternatives_learn_and_repeat(kind: Alternative) -> None:
    shares, states = world(1, n=400)
    predicted = fit_alternative(kind, shares, states).predict(shares)
    assert r2(states, predicted) > 0.6
    assert np.array_equal(fit_alternative(kind, shares, states).predict(shares), predicted)


def test_polynomial_sees_what_a_line_can_not() -> None:
    shares = np.random.default_rng(0).dirichlet(np.ones(3), 400)
    values = np.square(shares[:, :2] - 1 / 3)
    line = r2(values, predict(fit_linear(shares, values), shares))
    assert r2(values, fit_alternative("polynomial", shares, values).predict(shares)) > 0.99 > line + 0.2


@given(seed=SEEDS, turn=st.floats(-10, 10))
def test_angle_r2_goes_round_the_circle(seed: int, turn: float) -> None:
    rng = np.random.default_rng(seed)
    azimuth, polar = rng.normal(0, 0.8, 40), rng.uniform(0.2, 3, 40)
    guess, level = azimuth + rng.normal(0, 0.2, 40), polar + rng.normal(0, 0.1, 40)
    here = r2_angles(as_angles(azimuth, polar), guess, level)
    turned = r2_angles(as_angles(azimuth + turn, polar), guess + turn + 2 * np.pi, level)
    assert turned.azimuth == pytest.approx(here.azimuth)
    assert turned.polar == here.polar == pytest.approx(r2(polar[:, None], level[:, None]))


def test_undetermined_customers_do_not_count() -> None:
    azimuth, polar, known = np.array([1.0, 2.0, 0.0]), np.array([1.0, 2.0, 0.0]), np.array([True, True, False])
    fit = r2_angles(as_angles(azimuth, polar, known), np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0]))
    assert (fit.azimuth, fit.polar) == (1.0, 1.0)


@given(seed=SEEDS)
def test_nonzero_curve_falls_from_all_to_none(seed: int) -> None:
    coefficients = np.random.default_rng(seed).normal(size=(20, 2))
    curve = nonzero_curve(coefficients, np.linspace(0, 1, 11))
    assert (curve[0], curve[-1]) == (20, 0)
    assert (np.diff(curve) <= 0).all()


@given(seed=SEEDS)
def test_canonical_correlation_ignores_axes_signs_and_constants(seed: int) -> None:
    rng = np.random.default_rng(seed)
    personality, mix = rng.normal(size=(40, 5)), rng.normal(size=(5, 3))
    assert np.allclose(correlation_with_personality(personality @ mix + rng.normal(size=3), personality), 1)
    noisy = personality @ mix + rng.normal(size=(40, 3))
    before = correlation_with_personality(noisy, personality)
    assert np.allclose(correlation_with_personality(noisy @ rng.normal(size=(3, 3)), personality), before, atol=1e-6)
    assert (np.diff(before) <= 1e-12).all()


def test_canonical_correlation_of_unrelated_columns_is_low() -> None:
    rng = np.random.default_rng(0)
    assert correlation_with_personality(rng.normal(size=(2000, 3)), rng.normal(size=(2000, 5))).max() < 0.15


def test_dependent_columns_count_once() -> None:
    rng = np.random.default_rng(0)
    column = rng.normal(size=(30, 1))
    assert correlation_with_personality(np.hstack([column, 2 * column]), rng.normal(size=(30, 5))).shape == (1,)
