"""Where trajectories run to: the fixed points of the network under an input held constant.

Found on the three equations of `model.equilibria` and judged on all six variables, as in the literature on recurrent
networks' fixed points (Sussillo & Barak 2013; Golub & Sussillo 2018; Katz & Reggia 2018; Ceni, Ashwin & Livi 2019).
"""

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from model.angles import MIN_RADIUS
from model.equilibria import RESIDUAL, newton, reduced, resting_cell, spectral_radius, step
from model.types import BoolArray, FloatArray, IntArray
from model.vocabulary import TRAITS
from model.weights import Weights

DUPLICATE: Final = 1e-6
# A determinant this small can not tell one fixed point from two, or from none.
MEETING: Final = 1e-9
# Starts per axis of the cube, finer until the index sum is met: 15,625 starts at most.
GRIDS: Final = (9, 16, 25)
# Iterations of the network itself before Newton, so that it finds the point a customer runs to and no other.
SETTLE_STEPS: Final = 100
# Share of a trait's customers, the strongest, that stand for it.
PROTOTYPE_SHARE: Final = 0.1


@dataclass(frozen=True, eq=False)
class FixedPoints:
    """All fixed points found under one input, sorted by h.

    Attributes:
        h: States, (k, 3).
        c: Cells, (k, 3).
        residual: Largest component of |G(h) - h|, (k,).
        spectral_radius: Of the Jacobian of one step in (h, c), (k,).
        stable: Spectral radius below 1, (k,).
        index: Sign of det(I - DG), (k,); 1 or -1, or 0 where two points are about to meet.
        index_sum: Sum of the indices; 1 over all fixed points, since G maps the cube [-1, 1]^3 into itself.
        complete: Whether the index sum is 1 and no index is 0; otherwise a point is missing, or two are about to meet.
            Necessary, not sufficient: a pair of opposite indices could be missing.
    """

    h: FloatArray
    c: FloatArray
    residual: FloatArray
    spectral_radius: FloatArray
    stable: BoolArray
    index: IntArray
    index_sum: int
    complete: bool


@dataclass(frozen=True, eq=False)
class CustomerAttractors:
    """Where each customer's trajectory would end under the customer's mean input.

    Attributes:
        h: States, (n, 3); where not converged, the last iterate.
        converged: Residual of the fixed point equation below 1e-10, (n,).
        spectral_radius: Of the Jacobian of one step in (h, c), (n,); the point attracts where it is below 1.
    """

    h: FloatArray
    converged: BoolArray
    spectral_radius: FloatArray


def fixed_points(weights: Weights, input_share: FloatArray, starts: FloatArray) -> FixedPoints:
    """All fixed points under one constant input, by Newton's method from a grid and from visited states.

    Args:
        weights: The network, of three units.
        input_share: Shares held constant at every step, (C,).
        starts: States to start from beside the grid, (s, 3), such as customers' last states; may be empty.

    Raises:
        ValueError: Shapes that do not fit, or an input that is not finite.
    """
    driven = _driven(weights, input_share[None])
    roots = np.empty((0, weights.units))
    for per_axis in GRIDS:
        axis = np.linspace(-1.0, 1.0, per_axis)
        grid = np.array(list(product(axis, repeat=weights.units)))
        candidates = np.concatenate([roots, starts.reshape(-1, weights.units), grid])
        roots = _roots(candidates, driven, weights.recurrent)
        points = _describe(roots, driven, weights.recurrent)
        if points.complete:
            break
    return points


def customer_attractors(weights: Weights, mean_shares: FloatArray, start: FloatArray) -> CustomerAttractors:
    """The fixed point each customer's trajectory runs to under the customer's mean input.

    The network is iterated from the start, at first with the cell that would rest there, then Newton's method
    sharpens the end.

    Args:
        weights: The network.
        mean_shares: Mean share of spend per class, (n, C), held constant.
        start: Last states, (n, U).

    Raises:
        ValueError: Shapes that do not fit, or an input that is not finite.
    """
    driven = _driven(weights, mean_shares)
    if start.shape != (len(driven), weights.units):
        raise ValueError(f"states have shape {start.shape}, expected {(len(driven), weights.units)}")
    h, c = start, resting_cell(start, driven, weights.recurrent)
    for _ in range(SETTLE_STEPS):
        h, c = step(h, c, driven, weights.recurrent)
    h = newton(h, driven, weights.recurrent)
    converged = _residual(h, driven, weights.recurrent) < RESIDUAL
    return CustomerAttractors(h, converged, spectral_radius(h, driven, weights.recurrent))


def prototype_inputs(mean_shares: FloatArray, dominant: IntArray, strength: FloatArray) -> FloatArray:
    """A typical input per trait: the mean of its customers with the strongest tenth of memberships, at least one.

    Args:
        mean_shares: Mean share of spend per class, (n, C).
        dominant: Position of each customer's dominant trait, (n,).
        strength: Membership in it, (n,); ties keep the customers' order.

    Returns:
        Shares, (5, C); a row of NaN for a trait that is nobody's dominant one.
    """
    inputs = np.full((len(TRAITS), mean_shares.shape[1]), np.nan)
    for trait in np.unique(dominant):
        members = np.flatnonzero(dominant == trait)
        count = int(np.ceil(PROTOTYPE_SHARE * len(members)))
        strongest = members[np.argsort(-strength[members], kind="stable")[:count]]
        inputs[trait] = mean_shares[strongest].mean(axis=0, dtype=np.float64)
    return inputs


def convergence(states: FloatArray, h_star: FloatArray) -> FloatArray:
    """What is left of the way from the origin to the attractor after the last step, (n,).

    Args:
        states: Trajectories, (n, T, 3); they start at the origin.
        h_star: Attractors, (n, 3).

    Returns:
        |h_T - h*| / |h*|: 0 has arrived, 1 is as far away as at the start.

    >>> convergence(np.array([[[0.3, 0.0, 0.0], [0.45, 0.0, 0.0]]]), np.array([[0.5, 0.0, 0.0]])).round(3)
    array([0.1])
    """
    left = np.linalg.norm(states[:, -1] - h_star, axis=1)
    return np.asarray(left / np.maximum(np.linalg.norm(h_star, axis=1), MIN_RADIUS))


def _driven(weights: Weights, shares: FloatArray) -> FloatArray:
    """What the input alone sends to the gates, (n, 4U)."""
    if shares.ndim != 2 or shares.shape[1] != weights.n_classes:  # noqa: PLR2004 - rows and columns
        raise ValueError(f"shares have shape {shares.shape}, expected (n, {weights.n_classes})")
    if not np.isfinite(shares).all():
        raise ValueError("shares are not finite: no attractor without an input; leave absent traits and customers out")
    return np.asarray(shares / weights.scale @ weights.kernel + weights.bias)


def _residual(h: FloatArray, driven: FloatArray, recurrent: FloatArray) -> FloatArray:
    return np.asarray(np.abs(reduced(h, driven, recurrent)[0] - h).max(axis=1))


def _roots(starts: FloatArray, driven: FloatArray, recurrent: FloatArray) -> FloatArray:
    """The fixed points that Newton's method reaches from the starts, each once, sorted, (k, U)."""
    ends = newton(starts, driven, recurrent)
    ends = ends[_residual(ends, driven, recurrent) < RESIDUAL]
    distinct = []
    while len(ends):
        distinct.append(ends[0])
        ends = ends[np.abs(ends - ends[0]).max(axis=1) > DUPLICATE]
    return np.unique(np.array(distinct).reshape(-1, starts.shape[1]), axis=0)


def _describe(h: FloatArray, driven: FloatArray, recurrent: FloatArray) -> FixedPoints:
    image, jacobian = reduced(h, driven, recurrent)
    determinant = np.linalg.det(np.eye(h.shape[1]) - jacobian)
    index = np.where(np.abs(determinant) < MEETING, 0, np.sign(determinant)).astype(np.int64)
    radius = spectral_radius(h, driven, recurrent)
    return FixedPoints(
        h=h,
        c=resting_cell(h, driven, recurrent),
        residual=np.abs(image - h).max(axis=1),
        spectral_radius=radius,
        stable=radius < 1.0,
        index=index,
        index_sum=int(index.sum()),
        complete=bool(index.sum() == 1 and index.all()),
    )
