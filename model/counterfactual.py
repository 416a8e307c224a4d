"""Counterfactuals: what would move a customer into another segment, tried out on the network itself.

A class is moved to another mean share, in every active step alike. A class that rises takes the same part of the rest
in every step; a class that falls, falls by the same part in every step. The rest, all classes that are not moved, keep
their proportions within a step, and the step keeps its sum.

Only whole figures are tried, such as a sentence states, so what was tried is what is said.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.angles import direction
from model.cells import margins
from model.personality import dominance_order, segment_names
from model.trajectories import hidden_states, logits
from model.types import BoolArray, FloatArray, IntArray
from model.weights import Weights

# Figures go by a tenth of a percentage point, and by a hundredth for a class that does not reach one per cent.
PER_UNIT: Final = 1_000
PER_UNIT_RARE: Final = 10_000
RARE: Final = 0.01
# A part of spending below this is rounding.
NOTHING: Final = 1e-12
# Pairs are made of the moves that alone end nearest to a border; both classes then go the same part of their way.
NEAREST: Final = 16
PARTS: Final = 50
# Few enough to end early, many enough for BLAS.
BATCH: Final = 1_024


@dataclass(frozen=True)
class Move:
    """One class's part of a counterfactual.

    Attributes:
        position: The class.
        current: Its mean share over the active steps, 0 to 1, rounded to `decimals` of its percentage.
        needed: Its mean share afterwards, equally round and never the same.
        decimals: 1, or 2 for a rare class.
    """

    position: int
    current: float
    needed: float
    decimals: int


@dataclass(frozen=True)
class Counterfactual:
    """Moves of one class or two, and the segment in which the network then sees the customer."""

    moves: tuple[Move, ...]
    segment: str


@dataclass(frozen=True, eq=False)
class _Customer:
    """The active steps' shares, (T, C), with the network that sees them and the depth of the segment."""

    weights: Weights
    history: FloatArray
    depth: int

    @property
    def average(self) -> FloatArray:
        return np.asarray(self.history.mean(axis=0))

    def states(self, histories: FloatArray) -> FloatArray:
        """Last states, (m, U), of histories (m, T, C)."""
        return hidden_states(self.weights, histories, np.ones(histories.shape[:2], dtype=np.bool_))[:, -1]

    def segments(self, histories: FloatArray) -> NDArray[np.str_]:
        """Segments, (m,), of histories (m, T, C); empty where undetermined."""
        states = self.states(histories)
        names = segment_names(dominance_order(logits(self.weights, states)), self.depth)
        return np.where(direction(states)[1], names, "")


@dataclass(frozen=True, eq=False)
class _Figures:
    """The whole figures of every class, (C,): how many make a unit, which is the present one and which the highest."""

    per_unit: IntArray
    present: IntArray
    highest: IntArray


@dataclass(frozen=True, eq=False)
class _Changes:
    """m changes of k classes each: positions of the classes, (m, k), and the figures they are moved to, (m, k)."""

    positions: IntArray
    figures: IntArray

    def take(self, rows: IntArray | BoolArray | slice) -> "_Changes":
        return _Changes(self.positions[rows], self.figures[rows])


def find_counterfactual(
    weights: Weights, shares: FloatArray, mask: BoolArray, ceiling: FloatArray, depth: int
) -> Counterfactual | None:
    """Find the smallest change of one class that leads into another segment, or else a change of two.

    For one class, every figure between nothing and the ceiling is tried on the network, from the smallest change up:
    none of them that is smaller leads there. For two, the smallest of many pairs; a smaller one may exist. A
    smaller change may leave the customer without a direction, which is no other segment.

    Args:
        weights: The network.
        shares: The customer's share of spending per class, (T, C).
        mask: True where a step counts, (T,).
        ceiling: Highest plausible mean share per class, (C,), such as a high quantile of the training customers;
            without one, rare classes would be raised to shares that nobody has.
        depth: Depth of the customer's segment, 1 to 4.

    Returns:
        The change and the segment to which it leads; None where none was found.
    """
    customer = _Customer(weights, np.asarray(shares[mask], dtype=np.float64), depth)
    if not mask.any():
        return None
    figures = _figures(customer.average, ceiling)
    single = _single(figures)
    return _first_that_arrives(customer, figures, single) or _first_that_arrives(
        customer, figures, _pairs(customer, figures, single)
    )


def move(history: FloatArray, positions: IntArray, needed: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Move classes of one customer to other mean shares, in m ways.

    Args:
        history: Shares of the active steps, (T, C).
        positions: The k classes that are moved, (m, k).
        needed: Their mean shares afterwards, (m, k).

    Returns:
        Shares, (m, T, C), and whether they can be, (m,): not where the rest of a step has less than what rises, or
        does not exist to take what falls.

    >>> move(np.array([[0.5, 0.5], [0.3, 0.7]]), np.array([[0], [0]]), np.array([[0.2], [0.7]]))[0].round(2).tolist()
    [[[0.25, 0.75], [0.15, 0.85]], [[0.75, 0.25], [0.65, 0.35]]]
    """
    average = history.mean(axis=0)[positions]
    own = history[:, positions]
    total = history.sum(axis=1)[:, None]
    rest = total - own.sum(axis=2)
    taken = (needed - average) / np.maximum(rest.mean(axis=0), NOTHING)[:, None]
    kept = needed / np.maximum(average, NOTHING)
    changed = np.where(needed > average, own + taken * rest[..., None], own * kept)
    left = total - changed.sum(axis=2)
    shared: BoolArray = rest > NOTHING
    possible = np.where(shared, left > -NOTHING, np.abs(left) < NOTHING).all(axis=0)
    factor = np.divide(np.maximum(left, 0.0), rest, out=np.ones_like(rest), where=shared)
    moved = history * factor.T[..., None]
    moved[np.arange(len(positions))[:, None], :, positions] = changed.transpose(1, 2, 0)
    return moved, np.asarray(possible)


def _figures(average: FloatArray, ceiling: FloatArray) -> _Figures:
    per_unit = np.where(np.maximum(average, ceiling) < RARE, PER_UNIT_RARE, PER_UNIT)
    present = np.rint(average * per_unit).astype(np.int64)
    highest = np.floor(ceiling * per_unit + NOTHING).astype(np.int64)
    # A share above its ceiling may fall, and not rise.
    return _Figures(per_unit, present, np.maximum(present, highest))


def _single(figures: _Figures) -> _Changes:
    """Every figure of every class but the present one."""
    counts = figures.highest + 1
    positions = np.repeat(np.arange(len(counts)), counts)
    values = np.arange(counts.sum()) - np.repeat(counts.cumsum() - counts, counts)
    others = values != figures.present[positions]
    return _Changes(positions[others, None], values[others, None])


def _pairs(customer: _Customer, figures: _Figures, single: _Changes) -> _Changes:
    """Pairs of the moves that alone, taken as far as they go, end nearest to a border of the segment."""
    value, position = single.figures[:, 0], single.positions[:, 0]
    ends = single.take((value == 0) | (value == figures.highest[position]))
    moved, _ = move(customer.history, ends.positions, ends.figures / figures.per_unit[ends.positions])
    margin = margins(customer.states(moved), customer.weights.readout)[:, customer.depth - 1]
    ends = ends.take(np.argsort(margin, kind="stable")[:NEAREST])
    rows = np.stack(np.triu_indices(len(ends.positions), k=1), axis=1)
    positions = np.repeat(ends.positions[rows, 0], PARTS, axis=0)
    present = figures.present[positions]
    parts = np.tile(np.arange(1, PARTS + 1) / PARTS, len(rows))[:, None]
    way = np.repeat(ends.figures[rows, 0], PARTS, axis=0) - present
    values = present + np.rint(parts * way).astype(np.int64)
    two = (values != present).all(axis=1) & (positions[:, 0] != positions[:, 1])
    return _Changes(positions[two], values[two])


def _first_that_arrives(customer: _Customer, figures: _Figures, changes: _Changes) -> Counterfactual | None:
    """Try the changes on the network, the one that moves the least of the spending first."""
    here = customer.segments(customer.history[None])[0]
    needed = changes.figures / figures.per_unit[changes.positions]
    by = needed - customer.average[changes.positions]
    order = np.argsort(np.abs(by).sum(axis=1) + np.abs(by.sum(axis=1)), kind="stable")
    for start in range(0, len(order), BATCH):
        rows = order[start : start + BATCH]
        moved, possible = move(customer.history, changes.positions[rows], needed[rows])
        segments = customer.segments(moved)
        arrives = possible & (segments != here) & (segments != "")
        if arrives.any():
            first = int(arrives.argmax())
            return Counterfactual(_moves(changes.take(rows[[first]]), figures), str(segments[first]))
    return None


def _moves(change: _Changes, figures: _Figures) -> tuple[Move, ...]:
    """Return the moves of one change, m = 1."""
    positions = change.positions[0]
    per_unit = figures.per_unit[positions]
    current, needed = figures.present[positions] / per_unit, change.figures[0] / per_unit
    decimals = np.where(per_unit == PER_UNIT, 1, 2)
    return tuple(map(Move, positions.tolist(), current.tolist(), needed.tolist(), decimals.tolist()))
