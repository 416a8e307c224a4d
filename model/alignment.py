"""Bring a retrained network's hidden units into the champion's order and signs.

Units have no order, and a unit flipped with its weights leaves the function unchanged, so two networks that do the
same may differ by any of 48 signed permutations of three units. Downstream features are states and angles: they keep
their meaning across a retraining only if the new network is turned into the frame of the old one.
"""

from dataclasses import replace
from itertools import permutations, product
from typing import NamedTuple

import numpy as np

from model.types import FloatArray, IntArray
from model.weights import GATES, Weights


class Alignment(NamedTuple):
    """A network brought nearest to another.

    Attributes:
        weights: The same function with reordered and flipped units.
        permutation: New unit j is old unit `permutation[j]`, (U,).
        signs: New unit j is flipped where `signs[j]` is -1, (U,).
        distance: Mean squared distance of the states after alignment.
    """

    weights: Weights
    permutation: IntArray
    signs: IntArray
    distance: float


def signed_permutations(units: int = 3) -> tuple[IntArray, IntArray]:
    """All permutations and signs of the units, (m, U) each, m = U! 2^U, the identity first.

    >>> [len(both) for both in signed_permutations()]
    [48, 48]
    """
    pairs = list(product(permutations(range(units)), product((1, -1), repeat=units)))
    return np.array([order for order, _ in pairs]), np.array([signs for _, signs in pairs])


def apply(weights: Weights, permutation: IntArray, signs: IntArray) -> Weights:
    """The same function with new unit j = `signs[j]` times old unit `permutation[j]`.

    A unit flips with its candidate gate: the cell and the state change sign, the three logistic gates do not.

    Raises:
        ValueError: Not a permutation of the units, or signs other than 1 and -1.
    """
    units = weights.units
    if sorted(permutation.tolist()) != list(range(units)) or np.abs(signs).tolist() != [1] * units:
        raise ValueError(f"not a signed permutation of {units} units: {permutation.tolist()}, {signs.tolist()}")
    columns = (np.arange(GATES)[:, None] * units + permutation).ravel()
    flips = np.concatenate([np.ones(2 * units), signs, np.ones(units)])  # i, f, candidate, o
    return replace(
        weights,
        kernel=weights.kernel[:, columns] * flips,
        recurrent=signs[:, None] * weights.recurrent[permutation][:, columns] * flips,
        bias=weights.bias[columns] * flips,
        readout=signs[:, None] * weights.readout[permutation],
    )


def align(challenger: Weights, states: FloatArray, champion_states: FloatArray) -> Alignment:
    """The signed permutation that brings the challenger's states nearest to the champion's, applied to its weights.

    Args:
        challenger: The network to turn.
        states: The challenger's states, (n, T, U), of the customers the two are compared on.
        champion_states: The champion's states of the same customers, (n, T, U).

    Returns:
        The best of all signed permutations by the squared distance of the states; among equals, the first.

    Raises:
        ValueError: No states, or states of different shapes.
    """
    if states.shape != champion_states.shape or states.shape[-1] != challenger.units or states.size == 0:
        raise ValueError(f"states to align have shapes {states.shape} and {champion_states.shape}; expected two equal")
    ours, theirs = states.reshape(-1, challenger.units), champion_states.reshape(-1, challenger.units)
    # |a - b|^2 differs between the candidates in the product a b only.
    products = ours.T @ theirs
    orders, signs = signed_permutations(challenger.units)
    best = int(np.argmax((signs * products[orders, np.arange(challenger.units)]).sum(axis=1)))
    distance = np.square(signs[best] * ours[:, orders[best]] - theirs).sum(axis=1).mean()
    return Alignment(apply(challenger, orders[best], signs[best]), orders[best], signs[best], float(distance))
