"""Score, trace, direct, explain: one customer's shares to memberships, states, angles and reasons, as arrays."""

from dataclasses import dataclass

import numpy as np

from model.angles import Angles, to_angles
from model.personality import coverage, dominance_order, memberships, scores
from model.reasons import Reasons, explain
from model.trajectories import hidden_states, mean_share, outputs
from model.types import FloatArray, IntArray
from tasks.model_store import Model
from tasks.panel import Panel


@dataclass(frozen=True, eq=False)
class Features:
    """All features of n customers, computed by one model; nothing is fitted here.

    Attributes:
        panel: The customers' shares.
        scores: Personality scores per step, (n, T, 5).
        memberships: Their memberships, (n, T, 5).
        dominant: Position of the dominant trait per step, (n, T).
        coverage: Part of each step's spending that carries coefficients, (n, T).
        states: Hidden states, (n, T, 3).
        outputs: The network's memberships, (n, T, 5).
        angles: Of the newest state.
        reasons: Of the newest state.
    """

    panel: Panel
    scores: FloatArray
    memberships: FloatArray
    dominant: IntArray
    coverage: FloatArray
    states: FloatArray
    outputs: FloatArray
    angles: Angles
    reasons: Reasons


def compute_features(panel: Panel, coefficients: FloatArray, model: Model) -> Features:
    """Apply a model to a panel.

    Args:
        panel: Shares of n customers.
        coefficients: Trait coefficients, (C, 5).
        model: Weights, scaling, frame and surrogate.
    """
    step_scores = scores(panel.shares, coefficients)
    member = memberships(step_scores, model.scaling)
    states = hidden_states(model.weights, panel.shares, panel.mask)
    average = mean_share(panel.shares, panel.mask)
    return Features(
        panel,
        step_scores,
        member,
        dominance_order(member)[..., 0],
        np.minimum(coverage(panel.shares, coefficients), 1.0),  # shares add up to one but for rounding
        states,
        outputs(model.weights, states),
        to_angles(states[:, -1], model.frame),
        explain(average, model.population_mean, model.surrogate, model.weights, states[:, -1]),
    )
