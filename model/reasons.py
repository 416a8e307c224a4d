"""Why this trait and not the next: the lead of the dominant trait over the runner-up, split into classes.

Outputs are linear in the state and the state is near-linear in the mean share, so the lead in logit points is a sum of
classes, an intercept, and a residual: what the linear surrogate does not see of the network.
"""

from dataclasses import dataclass

import numpy as np

from model.personality import dominance_order
from model.surrogate import Surrogate
from model.types import BoolArray, FloatArray, IntArray
from model.weights import Weights


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
