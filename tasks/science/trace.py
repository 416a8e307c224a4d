"""Score, trace, direct, explain: one customer's shares to memberships, states, angles and reasons, as arrays."""

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.angles import Angles, to_angles
from model.personality import coverage, dominance_order, memberships, scores
from model.reasons import Reasons, explain
from model.trajectories import hidden_states, mean_share, outputs
from model.types import BoolArray, FloatArray, IntArray
from tasks.science.model_store import Model
from tasks.science.panel import Panel

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

BLOCK = 4_096
Number = TypeVar("Number", bound=np.generic)
Record = TypeVar("Record", bound="DataclassInstance")


@dataclass(frozen=True, eq=False)
class Features:
    """All features of n customers, computed by one model; nothing is fitted here.

    Attributes:
        keys: Customer keys, (n,), ascending.
        mask: True where a step has spend, (n, T).
        totals: Classified spending per step, (n, T), units of currency.
        scores: Personality scores per step, (n, T, 5).
        memberships: Their memberships, (n, T, 5).
        dominant: Position of the dominant trait per step, (n, T).
        coverage: Part of each step's spending that carries coefficients, (n, T).
        states: Hidden states, (n, T, 3).
        outputs: The network's memberships, (n, T, 5).
        angles: Of the newest state.
        reasons: Of the newest state.
    """

    keys: NDArray[np.int64]
    mask: BoolArray
    totals: FloatArray
    scores: FloatArray
    memberships: FloatArray
    dominant: IntArray
    coverage: FloatArray
    states: FloatArray
    outputs: FloatArray
    angles: Angles
    reasons: Reasons


def compute_block(panel: Panel, coefficients: FloatArray, model: Model) -> Features:
    """Apply a model to at most `BLOCK` customers, as one block of that size.

    A matrix product's rounding depends on its shape. With every block padded to the same shape, a customer's
    features are the same to the last bit whoever else is computed beside them.

    Args:
        panel: Shares of n customers.
        coefficients: Trait coefficients, (C, 5).
        model: Weights, scaling, frame and surrogate.
    """
    return _first(compute_features(padded(panel, BLOCK), coefficients, model), len(panel.keys))


def padded(panel: Panel, size: int) -> Panel:
    """Return the panel with customers without any spending added up to a size."""
    missing = size - len(panel.keys)

    def fill(array: NDArray[Number]) -> NDArray[Number]:
        return np.concatenate([array, np.zeros((missing, *array.shape[1:]), array.dtype)])

    return Panel(fill(panel.keys), fill(panel.shares), fill(panel.mask), fill(panel.totals))


def _first(record: Record, n: int) -> Record:
    """Cut every array of a dataclass, and of those within it, to its first n rows."""
    values = {column.name: getattr(record, column.name) for column in fields(record)}
    cut = {name: value[:n] if isinstance(value, np.ndarray) else _first(value, n) for name, value in values.items()}
    return replace(record, **cut)


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
        panel.keys,
        panel.mask,
        panel.totals,
        step_scores,
        member,
        dominance_order(member)[..., 0],
        np.minimum(coverage(panel.shares, coefficients), 1.0),  # shares add up to one but for rounding
        states,
        outputs(model.weights, states),
        to_angles(states[:, -1], model.frame),
        explain(average, model.population_mean, model.surrogate, model.weights, states[:, -1]),
    )
