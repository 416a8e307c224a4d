"""From spending shares to fuzzy memberships in the Big Five (Maree & Omlin, section 3; coefficients after Matz et al.).

The score is an index of spending, not a diagnosis: measured correlations between spending and personality are about
0.15.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.types import BoolArray, FloatArray, IntArray
from model.vocabulary import LETTERS, TRAITS

# Equal rows can differ by rounding after a matrix product; a spread this small carries no information.
CONSTANT: Final = 1e-12


@dataclass(frozen=True, eq=False)
class Scaling:
    """Mean and standard deviation of the training customers' scores, (5,) each; stored with the model, not refitted."""

    mean: FloatArray
    sd: FloatArray


def scores(shares: FloatArray, coefficients: FloatArray) -> FloatArray:
    """Personality scores s = x C, linear in the shares.

    Args:
        shares: Share of spend per class, (..., C).
        coefficients: Trait coefficients per class, (C, 5).

    Returns:
        Scores, (..., 5). Linear, so the score of a mean share is the mean of the scores.

    Raises:
        ValueError: No class carries a coefficient, or the shapes do not fit.

    >>> scores(np.array([0.5, 0.25, 0.25]), np.array([[2, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, -1]]))
    array([ 1.  ,  0.  ,  0.25,  0.  , -0.25])
    """
    _check(shares, coefficients)
    return np.asarray(shares, dtype=np.float64) @ np.asarray(coefficients, dtype=np.float64)


def _check(shares: FloatArray, coefficients: FloatArray) -> None:
    if coefficients.shape != (shares.shape[-1], len(TRAITS)):
        raise ValueError(f"coefficients have shape {coefficients.shape}, expected {(shares.shape[-1], len(TRAITS))}")
    if not coefficients.any():
        raise ValueError("no class carries a coefficient; check the reference set's coefficients")


def coverage(shares: FloatArray, coefficients: FloatArray) -> FloatArray:
    """Share of spend, (...), in classes that carry a coefficient for any trait.

    Args:
        shares: Share of spend per class, (..., C).
        coefficients: Trait coefficients per class, (C, 5).

    Raises:
        ValueError: No class carries a coefficient, or the shapes do not fit.
    """
    _check(shares, coefficients)
    carries: BoolArray = (coefficients != 0).any(axis=1)
    return np.asarray(shares[..., carries].sum(axis=-1, dtype=np.float64))


def fit_scaling(scores: FloatArray) -> Scaling:
    """Mean and standard deviation (of the population, not a sample) of the training customers' scores, (n, 5).

    Raises:
        ValueError: No scores, scores that are not finite, or a trait whose scores are all equal.
    """
    if len(scores) == 0:
        raise ValueError("no scores to scale: no training customers")
    if not np.isfinite(scores).all():
        raise ValueError("scores are not finite; check the shares and the coefficients")
    mean, sd = scores.mean(axis=0), scores.std(axis=0)
    constant = sd <= CONSTANT * (1.0 + np.abs(mean))
    if constant.any():
        named = ", ".join(trait for trait, flat in zip(TRAITS, constant, strict=True) if flat)
        raise ValueError(f"constant scores for {named}: {len(scores)} training customers are all alike")
    return Scaling(mean, sd)


def memberships(scores: FloatArray, scaling: Scaling) -> FloatArray:
    """Fuzzy memberships, logistic of the standardised scores, (..., 5) in [0, 1]; 0.5 is the average customer.

    >>> memberships(np.array([1.0, 3.0, 1.0, -1.0, 1.0]), Scaling(np.ones(5), np.full(5, 2.0))).round(3)
    array([0.5  , 0.731, 0.5  , 0.269, 0.5  ])
    """
    return logistic((scores - scaling.mean) / scaling.sd)


def logistic(z: FloatArray) -> FloatArray:
    """1 / (1 + exp(-z)), by the hyperbolic tangent, which can not overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def dominance_order(memberships: FloatArray) -> IntArray:
    """Trait positions from the highest membership to the lowest, (..., 5); ties keep the order O, C, E, A, N.

    >>> dominance_order(np.array([0.2, 0.6, 0.9, 0.6, 0.1]))
    array([2, 1, 3, 0, 4])
    """
    return np.argsort(-memberships, axis=-1, kind="stable")


def segment_names(order: IntArray, depth: int) -> NDArray[np.str_]:
    """Segment names, (...), from the first `depth` traits of an order, (..., 5).

    Raises:
        ValueError: A depth outside 1 to 5.

    >>> segment_names(np.array([[2, 3, 0, 1, 4], [4, 0, 1, 2, 3]]), depth=3)
    array(['E.A.O', 'N.O.C'], dtype='<U5')
    """
    if not 1 <= depth <= len(LETTERS):
        raise ValueError(f"segment depth {depth} is outside 1 to {len(LETTERS)}")
    letters = np.array(list(LETTERS))[order[..., :depth]]
    names = letters[..., 0]
    for level in range(1, depth):
        names = np.strings.add(np.strings.add(names, "."), letters[..., level])
    return np.asarray(names, dtype=np.str_)
