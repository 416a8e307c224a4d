"""Why this trait and not the next: the lead of the dominant trait over the runner-up, split into classes.

Outputs are linear in the state and the state is near-linear in the mean share, so the lead in logit points is a sum of
classes, an intercept, and a residual: what the linear surrogate does not see of the network.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from model.personality import dominance_order
from model.surrogate import Surrogate
from model.types import BoolArray, FloatArray, IntArray
from model.weights import Weights

NO_CLASS: Final = -1
# Below this slope a class moves the lead by less than a millionth of a logit point over its whole range.
FLAT: Final = 1e-6


@dataclass(frozen=True, eq=False)
class Reasons:
    """The split of every customer's lead; contributions, intercept and residual add up to it.

    Attributes:
        dominant: Position of the dominant trait, (n,).
        runner_up: Position of the second trait, (n,).
        contributions: Logit points per class, (n, C), relative to the population's mean share.
        intercept: Logit points that a customer of mean shares has, (n,).
        residual: Logit points that the surrogate does not explain, (n,).
        lead: Logit of the dominant trait less that of the runner-up, (n,), never negative.
        weak: The residual outweighs the contributions, (n,).
    """

    dominant: IntArray
    runner_up: IntArray
    contributions: FloatArray
    intercept: FloatArray
    residual: FloatArray
    lead: FloatArray
    weak: BoolArray


@dataclass(frozen=True, eq=False)
class Nudges:
    """The smallest single change that would close each customer's lead.

    Attributes:
        position: Position of the class to change, (n,); `NO_CLASS` where no class alone can close the lead.
        change: Change of its mean share, (n,), signed; 0 where there is none.
    """

    position: IntArray
    change: FloatArray


def contributions(
    mean_share: FloatArray, population_mean: FloatArray, coefficients: FloatArray, lead_vectors: FloatArray
) -> FloatArray:
    """Signed contributions of the classes to a lead, in logit points, (n, C).

    Args:
        mean_share: Mean share per class, (n, C).
        population_mean: The training customers' mean share, (C,).
        coefficients: The state surrogate's coefficients B, (C, 3).
        lead_vectors: w_i - w_j of the dominant trait i over the runner-up j, (n, 3).

    >>> contributions(np.array([[0.7, 0.3]]), np.full(2, 0.5), np.array([[1.0], [-1.0]]), np.array([[2.0]])).round(3)
    array([[0.4, 0.4]])
    """
    return np.asarray((mean_share - population_mean) * (lead_vectors @ coefficients.T))


def explain(
    mean_share: FloatArray, population_mean: FloatArray, surrogate: Surrogate, weights: Weights, states: FloatArray
) -> Reasons:
    """Split every customer's lead at the last step.

    Args:
        mean_share: Mean share per class, (n, C).
        population_mean: The training customers' mean share, (C,).
        surrogate: The state surrogate.
        weights: The network, for its read-out.
        states: Hidden states at the last step, (n, 3).
    """
    bias = np.zeros(weights.readout.shape[1]) if weights.readout_bias is None else weights.readout_bias
    order = dominance_order(states @ weights.readout + bias)
    dominant, runner_up = order[:, 0], order[:, 1]
    vectors = lead_vectors(weights.readout, dominant, runner_up)
    bias_lead = bias[dominant] - bias[runner_up]
    lead = np.einsum("nu,nu->n", states, vectors) + bias_lead
    by_class = contributions(mean_share, population_mean, surrogate.coefficients, vectors)
    explained = by_class.sum(axis=1)
    intercept = vectors @ (population_mean @ surrogate.coefficients + surrogate.intercept) + bias_lead
    residual = lead - intercept - explained
    weak = np.abs(residual) > np.abs(explained)
    return Reasons(dominant, runner_up, by_class, intercept, residual, lead, weak)


def lead_vectors(readout: FloatArray, dominant: IntArray, runner_up: IntArray) -> FloatArray:
    """w_i - w_j, (n, U), for trait positions i and j, (n,) each, of a read-out (U, 5)."""
    return np.asarray((readout[:, dominant] - readout[:, runner_up]).T)


def top_reasons(reasons: Reasons, k: int) -> IntArray:
    """Positions of the k classes of largest absolute contribution, (n, k); ties by position, so by class id."""
    return np.argsort(-np.abs(reasons.contributions), axis=1, kind="stable")[:, :k]


def nudge(
    reasons: Reasons,
    mean_share: FloatArray,
    surrogate: Surrogate,
    weights: Weights,
    ceiling: FloatArray | None = None,
) -> Nudges:
    """The smallest change of one class's mean share that would close the lead to the runner-up.

    The other classes give or take in proportion to their shares, so the total stays. The lead is then linear in the
    change, with slope (a_c T - a x) / (T - x_c) for a = B (w_i - w_j) and total T; the residual is taken to stay.
    Changes must leave every share between nothing and the total; ties go to the lowest position.

    Args:
        reasons: The customers' reasons.
        mean_share: Mean share per class, (n, C).
        surrogate: The state surrogate.
        weights: The network, for its read-out.
        ceiling: Highest plausible mean share per class, (C,), such as a high quantile of the training customers;
            without one, rare classes are raised to shares that nobody has.
    """
    pull = lead_vectors(weights.readout, reasons.dominant, reasons.runner_up) @ surrogate.coefficients.T
    total = mean_share.sum(axis=1, keepdims=True)
    rest = total - mean_share
    gain = total * pull - np.einsum("nc,nc->n", mean_share, pull)[:, None]
    # A customer with one class only has nobody to give to or take from.
    movable = (rest > 0) & (np.abs(gain) > FLAT * rest)
    change = np.divide(-reasons.lead[:, None] * rest, gain, out=np.full_like(gain, np.inf), where=movable)
    room = rest if ceiling is None else np.clip(ceiling - mean_share, 0.0, rest)
    change[(change < -mean_share) | (change > room)] = np.inf
    position = np.abs(change).argmin(axis=1)
    smallest = change[np.arange(len(change)), position]
    possible = np.isfinite(smallest)
    return Nudges(np.where(possible, position, NO_CLASS), np.where(possible, smallest, 0.0))
