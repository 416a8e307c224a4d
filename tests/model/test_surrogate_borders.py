"""The surrogates against least squares and leave-one-out by hand, and what the alternatives can and can not see."""

from typing import Any

import numpy as np
import pytest

from model.angles import Angles
from model.surrogate import (
    correlation_with_personality,
    fit_alternative,
    fit_linear,
    nonzero_curve,
    r2,
    r2_angles,
)


def draw(seed: int, n: int, classes: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Values of any size, and two columns near-linear in them."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, classes)) * rng.uniform(0.1, 3, classes)
    return X, X @ rng.normal(size=(classes, 2)) + 0.5 * rng.normal(size=(n, 2))


@pytest.mark.parametrize("seed", range(4))
def test_coefficients_and_intercept_solve_the_normal_equations(seed: int) -> None:
    X, Y = draw(seed, 40)
    design = np.hstack([X, np.ones((40, 1))])
    by_hand = np.linalg.inv(design.T @ design) @ design.T @ Y
    surrogate = fit_linear(X, Y)
    assert np.vstack([surrogate.coefficients, surrogate.intercept]) == pytest.approx(by_hand)


def test_classes_that_never_vary_take_no_part_even_in_the_shift() -> None:
    """Shares that sum to one with a constant class: the others' coefficients average zero over their own spend."""
    rng = np.random.default_rng(0)
    shares = np.hstack([0.7 * rng.dirichlet(np.ones(4), 80), np.full((80, 1), 0.3)])
    surrogate = fit_linear(shares, rng.normal(size=(80, 2)) + shares[:, :2])
    assert (surrogate.coefficients[4] == 0).all()
    assert shares.mean(axis=0)[:4] @ surrogate.coefficients[:4] == pytest.approx(np.zeros(2), abs=1e-12)


def test_two_customers_are_enough() -> None:
    surrogate = fit_linear(np.array([[0.2, 0.8], [0.6, 0.4]]), np.array([[1.0], [2.0]]))
    assert surrogate.coefficients[:, 0] == pytest.approx([1.5, -1.0])  # 1.5 * 0.4 = 0.6 = 1.0 * 0.6
    assert surrogate.intercept == pytest.approx([1.5])


def leave_one_out(X: np.ndarray, y: np.ndarray, penalty: float) -> float:
    """Mean squared error of each row, predicted by a ridge regression that never saw it."""
    errors = []
    for row in range(len(X)):
        rest = np.arange(len(X)) != row
        centre, level = X[rest].mean(axis=0), y[rest].mean(axis=0)
        left = (X[rest] - centre).T @ (X[rest] - centre) + penalty * np.eye(X.shape[1])
        slope = np.linalg.solve(left, (X[rest] - centre).T @ (y[rest] - level))
        errors.append(y[row] - level - (X[row] - centre) @ slope)
    return float(np.square(errors).mean())


@pytest.mark.parametrize("noise", [0.01, 3.0, 300.0])
def test_ridge_takes_the_penalty_that_leaving_one_out_prefers(noise: float) -> None:
    X, _ = draw(1, 30)
    standardised = (X - X.mean(axis=0)) / X.std(axis=0)
    y = standardised[:, :1] + noise * np.random.default_rng(2).normal(size=(30, 1))
    penalties = [10 ** (exponent / 2) for exponent in range(-4, 9)]
    best = min(penalties, key=lambda penalty: leave_one_out(standardised, y, penalty))
    slope = np.linalg.solve(standardised.T @ standardised + best * np.eye(5), standardised.T @ (y - y.mean(axis=0)))
    fitted: Any = fit_alternative("ridge", X, y)
    assert fitted[-1].alphas == pytest.approx(penalties)
    assert fitted.predict(X).reshape(-1, 1) == pytest.approx(y.mean() + standardised @ slope)


def test_a_tree_is_pruned_by_depth_and_by_leaf() -> None:
    rng = np.random.default_rng(0)
    X = rng.random((8_000, 1))
    tree: Any = fit_alternative("tree", X, np.exp(12 * X))  # ever steeper: it would split the high end for ever
    leaves = tree.tree_.n_node_samples[tree.tree_.children_left < 0]
    assert tree.get_depth() == 12
    assert leaves.min() == 20


def test_the_trees_ties_follow_the_seed() -> None:
    X = np.repeat(np.random.default_rng(0).random((400, 1)), 6, axis=1)  # six names for one class
    trees: list[Any] = [fit_alternative("tree", X, X[:, :1] ** 2, seed) for seed in (0, 0, 1)]
    first, again, other = (tree.tree_.feature.tolist() for tree in trees)
    assert first == again != other
    default: Any = fit_alternative("tree", X, X[:, :1] ** 2)
    assert default.tree_.feature.tolist() == first


def test_the_polynomial_sees_squares_and_products_of_components_and_nothing_higher() -> None:
    X, _ = draw(3, 600, classes=4)
    standardised = (X - X.mean(axis=0)) / X.std(axis=0)
    first, second, third, _ = (standardised @ np.linalg.eigh(standardised.T @ standardised)[1]).T
    values = np.stack([X[:, 0], X[:, 1] ** 2, first * second, first * third - X[:, 2] ** 2 + 2], axis=1)
    guess = fit_alternative("polynomial", X, values).predict(X)
    assert [r2(values[:, [k]], guess[:, [k]]) for k in range(4)] == pytest.approx([1.0] * 4, abs=1e-3)
    beyond = (first * second * third)[:, None]
    assert r2(beyond, fit_alternative("polynomial", X, beyond).predict(X).reshape(-1, 1)) < 0.3


def test_the_polynomial_multiplies_the_ten_leading_components_only() -> None:
    X = np.random.default_rng(4).normal(size=(300, 14))
    fitted: Any = fit_alternative("polynomial", X, X[:, :1])
    # Every class and its square, ten components, and the products of two different ones.
    assert fitted[:-1].transform(X).shape == (300, 14 + 14 + 10 + 45)
    columns = fitted[:2].transform(X)
    standardised = (X - X.mean(axis=0)) / X.std(axis=0)
    assert columns[:, :28] == pytest.approx(np.hstack([standardised, standardised**2]))
    components = columns[:, 28:38]
    assert (np.diff(components.var(axis=0)) <= 0).all()
    assert components.var(axis=0) == pytest.approx(np.linalg.eigvalsh(np.cov(standardised.T, bias=True))[:3:-1])
    first, second = np.triu_indices(10, k=1)
    assert columns[:, 38:] == pytest.approx(components[:, first] * components[:, second])
    few: Any = fit_alternative("polynomial", X[:6], X[:6, :1])
    assert few[:-1].transform(X[:6]).shape == (6, 14 + 14 + 6 + 15)


def as_angles(azimuth: np.ndarray, polar: np.ndarray) -> Angles:
    return Angles(azimuth, polar, np.ones(len(azimuth)), np.ones(len(azimuth), dtype=bool))


def test_angle_r2_by_hand() -> None:
    """Azimuths about the cut: 170, 180 and 190 degrees are ten apart, and so are the guesses' errors of two."""
    true = np.deg2rad([170.0, 180.0, -170.0])
    guess = np.deg2rad([172.0, -178.0, -172.0])
    fit = r2_angles(as_angles(true, np.array([0.1, 0.2, 0.6])), guess, np.array([0.2, 0.2, 0.6]))
    assert fit.azimuth == pytest.approx(1 - 3 * 2**2 / (2 * 10**2))
    assert fit.polar == pytest.approx(1 - 0.01 / (0.04 + 0.01 + 0.09))


def test_r2_of_several_columns_adds_their_variances() -> None:
    true = np.array([[1.0, 10.0], [3.0, 30.0]])
    assert r2(true, true + np.array([[0.0, 0.0], [1.0, 1.0]])) == pytest.approx(1 - 2 / 202)
    assert r2(true, np.full((2, 2), true.mean(axis=0))) == 0.0
    assert np.isnan(r2(np.ones((3, 2)), np.zeros((3, 2))))


def test_a_class_at_the_threshold_does_not_count() -> None:
    coefficients = np.array([[4.0, 0.0], [-2.0, 0.0], [1.0, 0.0]])
    curve = nonzero_curve(coefficients, np.array([0.0, 0.25, 0.5, 1.0]))
    assert curve.tolist() == [3, 2, 1, 0]
    assert curve.dtype == np.int64
    assert nonzero_curve(np.zeros((2, 2)), np.array([0.0])).tolist() == [0]


def test_canonical_correlations_solve_the_eigenvalue_problem_of_hotelling() -> None:
    rng = np.random.default_rng(5)
    X, Y = rng.normal(size=(60, 3)), rng.normal(size=(60, 5))
    Y[:, 0] += 2 * X[:, 1] - X[:, 2]
    joint = np.cov(X.T, Y.T)
    squared = np.linalg.inv(joint[:3, :3]) @ joint[:3, 3:] @ np.linalg.inv(joint[3:, 3:]) @ joint[3:, :3]
    by_hand = np.sqrt(np.sort(np.linalg.eigvals(squared).real)[::-1])
    assert correlation_with_personality(X, Y) == pytest.approx(by_hand)
    assert correlation_with_personality(1e-4 * X, 1e4 * Y) == pytest.approx(by_hand)


def test_columns_that_say_the_same_correlate_by_one_and_no_more() -> None:
    for seed in range(30):
        X = np.random.default_rng(seed).normal(size=(40, 3))
        found = correlation_with_personality(X, np.hstack([X, X[:, :2]]))
        assert found.shape == (3,)
        assert (found <= 1).all()
        assert found == pytest.approx(np.ones(3))
