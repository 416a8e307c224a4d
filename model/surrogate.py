"""The linear surrogate: which classes put a customer where the network sees them (the paper, section 4).

The paper regresses the two angles on the classes. Ours regresses the state vector and reads the angles from the
prediction: as transparent, and not torn by the azimuth's cut. Both are fitted on training customers only.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol, cast

import numpy as np

from model.angles import Angles, wrapped_difference
from model.types import BoolArray, FloatArray, IntArray

Alternative = Literal["polynomial", "ridge", "tree"]

# Shares sum to one, so one direction of the inputs has no variance but rounding; below this it is taken as none.
RANK_TOLERANCE: Final = 1e-10
SUM_TOLERANCE: Final = 1e-6
COMPONENTS: Final = 10


@dataclass(frozen=True, eq=False)
class Surrogate:
    """y = x B + b: coefficients B, (C, k), per unit of share, and intercept b, (k,)."""

    coefficients: FloatArray
    intercept: FloatArray


class Predictor(Protocol):
    """A fitted scikit-learn regressor, as far as we use it."""

    def predict(self, X: FloatArray) -> FloatArray:
        """Predictions, (n, k), for mean shares, (n, C)."""
        ...


def fit_state_surrogate(mean_shares: FloatArray, states: FloatArray) -> Surrogate:
    """Linear regression from mean shares, (n, C), to the last states, (n, 3); see `fit_linear`."""
    return fit_linear(mean_shares, states)


def fit_angle_surrogate(mean_shares: FloatArray, angles: FloatArray) -> Surrogate:
    """The paper's regression from mean shares, (n, C), to azimuth and polar angle, (n, 2); see `fit_linear`."""
    return fit_linear(mean_shares, angles)


def fit_linear(mean_shares: FloatArray, values: FloatArray) -> Surrogate:
    """Least squares from shares to values.

    Shares that sum to one leave a constant free to move between the coefficients and the intercept. The solution of
    minimum norm predicts the same as any; it is then shifted so that the average customer's coefficients average zero.
    So a coefficient says what a class does in place of the average basket, and the intercept is the average value.

    Args:
        mean_shares: Mean share per class, (n, C).
        values: What to predict, (n, k).

    Raises:
        ValueError: Fewer than two customers, or shares that are the same for all of them.
    """
    mean, mean_value = mean_shares.mean(axis=0), values.mean(axis=0)
    varies: BoolArray = np.ptp(mean_shares, axis=0) > RANK_TOLERANCE
    if not varies.any():
        raise ValueError(f"constant shares: {len(mean_shares)} customers are all alike, nothing to explain")
    solution = _minimum_norm(mean_shares - mean, values - mean_value)
    if np.ptp(mean_shares.sum(axis=1)) < SUM_TOLERANCE:
        solution -= np.where(varies[:, None], (mean[varies] @ solution[varies]) / mean[varies].sum(), 0.0)
    return Surrogate(np.where(varies[:, None], solution, 0.0), mean_value - mean @ solution)


def _minimum_norm(X: FloatArray, Y: FloatArray) -> FloatArray:
    """Least squares of minimum norm, (C, k), by the triangle that has the same normal equations as the tall matrix."""
    width = X.shape[1]
    # Several times faster than an SVD of all customers.
    triangle: FloatArray = np.asarray(np.linalg.qr(np.hstack([X, Y]), mode="r"))
    return np.asarray(np.linalg.lstsq(triangle[:, :width], triangle[:, width:], rcond=RANK_TOLERANCE)[0])


def predict(surrogate: Surrogate, mean_shares: FloatArray) -> FloatArray:
    """Predicted values, (n, k), for mean shares, (n, C)."""
    return np.asarray(mean_shares @ surrogate.coefficients + surrogate.intercept)


def fit_alternative(kind: Alternative, X: FloatArray, Y: FloatArray, seed: int = 0) -> Predictor:
    """Fit one of the regressors that the paper compares with the linear one.

    Args:
        kind: `polynomial` (all classes, their squares, and the products of the leading components), `ridge` (penalty
            chosen by leave-one-out) or `tree` (pruned by depth and leaf size).
        X: Mean shares, (n, C).
        Y: What to predict, (n, k).
        seed: Seed of the tree's ties and of the components.
    """
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.tree import DecisionTreeRegressor

    penalties = np.logspace(-2, 4, 13)
    if kind == "ridge":
        model = make_pipeline(StandardScaler(), RidgeCV(penalties))
    elif kind == "tree":
        model = DecisionTreeRegressor(max_depth=12, min_samples_leaf=20, random_state=seed)
    else:
        model = make_pipeline(StandardScaler(), _polynomial(X.shape, seed), StandardScaler(), RidgeCV(penalties))
    return cast("Predictor", model.fit(X, Y))


def _polynomial(shape: tuple[int, ...], seed: int) -> Any:
    """Degree two without the 4,656 products of 97 classes, which would outnumber the customers of a small bank."""
    from sklearn.decomposition import PCA
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures

    leading = PCA(min(COMPONENTS, *shape), random_state=seed)
    products = make_pipeline(leading, PolynomialFeatures(2, interaction_only=True, include_bias=False))
    return make_union(FunctionTransformer(), FunctionTransformer(np.square), products)


@dataclass(frozen=True)
class AngleR2:
    """Explained share of the variance of each angle, the azimuth's taken round the circle."""

    azimuth: float
    polar: float


def r2_angles(true: Angles, azimuth: FloatArray, polar: FloatArray) -> AngleR2:
    """R2 of predicted angles, (n,) each, over the customers whose true angles are determined.

    An azimuth's error is the short way round, and its variance is taken about the circular mean by the same measure.
    """
    known = true.determined
    about = np.angle(np.exp(1j * true.azimuth[known]).mean())
    error = wrapped_difference(true.azimuth[known], azimuth[known])
    spread = wrapped_difference(true.azimuth[known], np.asarray(about))
    return AngleR2(_r2(error, spread), _r2(true.polar[known] - polar[known], _centred(true.polar[known])))


def r2(true: FloatArray, predicted: FloatArray) -> float:
    """R2 over all columns of (n, k) together, their variances added; not a number where nothing varies."""
    return _r2(true - predicted, _centred(true))


def _centred(values: FloatArray) -> FloatArray:
    return np.asarray(values - values.mean(axis=0))


def _r2(error: FloatArray, spread: FloatArray) -> float:
    total = float(np.square(spread).sum())
    return 1.0 - float(np.square(error).sum()) / total if total > 0 else float("nan")


def nonzero_curve(coefficients: FloatArray, thresholds: FloatArray) -> IntArray:
    """Number of classes, (m,), with a non-zero coefficient, for each of m thresholds.

    The paper counts 69 classes for its two angles, against 61 with personality coefficients, and leaves the threshold
    of "non-zero" unpublished: so a curve, not a figure.

    Args:
        coefficients: Surrogate coefficients, (C, k).
        thresholds: Shares of each column's largest absolute coefficient, (m,); a class counts when any of its
            coefficients lies above.

    >>> nonzero_curve(np.array([[4.0, 0.0], [1.0, 0.1], [0.0, 2.0], [0.0, 0.0]]), np.array([0.0, 0.1, 0.5]))
    array([3, 3, 2])
    """
    size = np.abs(coefficients)
    largest = size.max(axis=0)
    relative = np.divide(size, largest, out=np.zeros_like(size), where=largest > 0).max(axis=1)
    return np.asarray((relative[:, None] > thresholds).sum(axis=0), dtype=np.int64)


def correlation_with_personality(coefficients: FloatArray, personality: FloatArray) -> FloatArray:
    """Canonical correlations between surrogate coefficients, (C, k), and trait coefficients, (C, 5).

    The hidden axes have no names, so single columns can not be compared; canonical correlation asks whether some mix of
    the traits' coefficients runs over the classes as some mix of the surrogate's does. It ignores constants, which
    least squares leaves free, and is not zero by chance: about sqrt((k + 5) / C) for unrelated columns.

    Returns:
        Correlations from the highest, at most (min(k, 5),); fewer where columns depend on each other.
    """
    left, right = _basis(coefficients), _basis(personality)
    return np.clip(np.linalg.svd(left.T @ right, compute_uv=False), 0.0, 1.0)


def _basis(columns: FloatArray) -> FloatArray:
    """Orthonormal basis of the centred columns, without those that depend on the others."""
    u, size, _ = np.linalg.svd(columns - columns.mean(axis=0), full_matrices=False)
    return np.asarray(u[:, size > RANK_TOLERANCE * max(size[0], 1.0)])
