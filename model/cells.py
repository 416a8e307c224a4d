"""Segments as cells of the sphere: where an order of the outputs begins and ends, and how far away that is.

Outputs without a bias are linear in the state, so their order depends on its direction alone. The ten great circles
"output i = output j" cut the sphere of directions into at most 72 cells (Cover 1967, Q(5, 3)), one for each order that
can occur. The cell at depth d, all directions whose first d traits stand in one order, is convex: four half-spaces
bound it.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from model.angles import direction
from model.personality import dominance_order, segment_names
from model.polygons import COINCIDENT, arc, area, crossings, polygon, sectors
from model.types import BoolArray, FloatArray, IntArray
from model.vocabulary import MAX_DEPTH, TRAITS

# Columns this close, relative to the largest, leave the order of their two outputs to rounding.
EQUAL: Final = 1e-9


def margins(states: FloatArray, readout: FloatArray) -> FloatArray:
    """Angle from each state's direction to the nearest boundary of its cell, at every depth.

    The distance to the border of an intersection of half-spaces is the smallest distance to one of their planes; in
    angles, the arcsine of the direction's component along the plane's normal.

    Args:
        states: Last states, (n, 3).
        readout: Read-out without a bias, (3, 5).

    Returns:
        Radians in [0, pi / 2], (n, 4), for the depths 1 to 4, never growing with the depth; zeros where the direction
        is undetermined.

    Raises:
        ValueError: Shapes that do not fit, or a read-out whose outputs can not be told apart.

    >>> readout = np.array([[1, 0, 0, -1, -1.2], [0, 1, 0, -1, 0], [0, 0, 1, 0, 0]])
    >>> np.rad2deg(margins(np.array([[0.3, 0.05, 0.1]]), readout)).round(1)
    array([[26.2,  6.3,  6.3,  1.8]])
    """
    gaps, _ = _gaps(states, readout)
    nearest = [_wall_gaps(gaps, depth).min(axis=1) for depth in range(1, MAX_DEPTH + 1)]
    return np.asarray(np.arcsin(np.clip(np.stack(nearest, axis=1), 0.0, 1.0)))


def nearest_neighbours(states: FloatArray, readout: FloatArray, depth: int) -> tuple[FloatArray, IntArray]:
    """The nearest boundary of each state's cell at one depth, and the segment behind it.

    Args:
        states: Last states, (n, 3).
        readout: Read-out without a bias, (3, 5).
        depth: Depth of the segments, 1 to 4.

    Returns:
        The margin in radians, (n,), and the order of the traits just behind the nearest boundary point, (n, 5); its
        first `depth` traits always differ from the state's own. Margin 0 and an arbitrary order where the direction is
        undetermined.

    Raises:
        ValueError: As `margins`, or a depth outside 1 to 4.
    """
    gaps, order = _gaps(states, readout)
    walls = _wall_gaps(gaps, depth)
    nearest = walls.argmin(axis=1)
    rows = np.arange(len(order))
    margin = np.arcsin(np.clip(walls[rows, nearest], 0.0, 1.0))
    upper, lower = _walls(depth)
    pair = order[rows, upper[nearest]], order[rows, lower[nearest]]
    return margin, _order_behind(direction(states)[0], readout, *pair)


def _order_behind(unit: FloatArray, readout: FloatArray, falls: IntArray, rises: IntArray) -> IntArray:
    """Orders, (n, 5), just behind the point nearest to `unit` where the trait `rises` overtakes the trait `falls`."""
    normal = (readout[:, falls] - readout[:, rises]).T
    along = np.einsum("ij,ij->i", unit, normal) / np.einsum("ij,ij->i", normal, normal)
    logits = (unit - along[:, None] * normal) @ readout
    rows = np.arange(len(logits))
    # Equal but for rounding: made equal, so that the tie decides who leads. Traits between the two may have moved
    # on the way, so swapping them in the state's own order would not do.
    logits[rows, falls] = logits[rows, rises]
    overtakes = np.zeros(logits.shape, dtype=np.int64)
    overtakes[rows, rises], overtakes[rows, falls] = -1, 1
    return np.lexsort((overtakes, -logits), axis=-1)


def _gaps(states: FloatArray, readout: FloatArray) -> tuple[FloatArray, IntArray]:
    """Sines of the angles to all ten planes, (n, 5, 5), by place in the order, and the order, (n, 5)."""
    check_readout(readout)
    if states.ndim != 2 or states.shape[1] != readout.shape[0]:  # noqa: PLR2004 - rows and columns
        raise ValueError(f"states have shape {states.shape}, expected (n, {readout.shape[0]})")
    logits = direction(states)[0] @ readout
    order = dominance_order(logits)
    ranked = np.take_along_axis(logits, order, axis=1)
    lengths = _pair_lengths(readout)[order[:, :, None], order[:, None, :]]
    return (ranked[:, :, None] - ranked[:, None, :]) / lengths, order


def _pair_lengths(readout: FloatArray) -> FloatArray:
    """Lengths of the differences of the read-out's columns, (5, 5), ones on the diagonal."""
    lengths = np.linalg.norm(readout[:, :, None] - readout[:, None, :], axis=0)
    return np.asarray(lengths + np.eye(len(lengths)))


def _walls(depth: int) -> tuple[IntArray, IntArray]:
    """The places in the order whose planes bound a cell: each named trait before the next, the last before all others.

    >>> [wall.tolist() for wall in _walls(2)]
    [[0, 1, 1, 1], [1, 2, 3, 4]]
    """
    if not 1 <= depth <= MAX_DEPTH:
        raise ValueError(f"segment depth {depth} is outside 1 to {MAX_DEPTH}")
    lower = np.arange(1, len(TRAITS))
    return np.minimum(lower, depth) - 1, lower


def _wall_gaps(gaps: FloatArray, depth: int) -> FloatArray:
    upper, lower = _walls(depth)
    return gaps[:, upper, lower]


def check_readout(readout: FloatArray) -> None:
    """Accept a read-out that cuts the sphere into cells.

    Raises:
        ValueError: Another shape, numbers that are not finite, two equal columns, or all columns in one plane.
    """
    if readout.shape != (3, len(TRAITS)):
        raise ValueError(f"read-out has shape {readout.shape}, expected (3, {len(TRAITS)}); train the model again")
    if not np.isfinite(readout).all():
        raise ValueError("read-out holds a number that is not finite; train the model again")
    largest = np.linalg.norm(readout, axis=0).max()
    equal = _pair_lengths(readout) <= EQUAL * largest
    if largest == 0 or equal.any():
        first, second = np.argwhere(equal)[0] if largest else (0, 1)
        raise ValueError(f"read-out: {TRAITS[first]} and {TRAITS[second]} have equal outputs; train the model again")
    if np.linalg.matrix_rank(readout - readout[:, :1], tol=EQUAL * largest) < len(readout):
        raise ValueError("read-out: the outputs differ along fewer than three dimensions; train the model again")


@dataclass(frozen=True, eq=False)
class Arrangement:
    """All cells of the finest depth; those of a smaller depth are unions of them.

    Attributes:
        orders: The orders that occur, (m, 5), m at most 72, sorted.
        areas: Areas in steradians, (m,); they sum to 4 pi.
        corners: Per order the corners of its cell, unit vectors (k, 3), counterclockwise seen from outside.
    """

    orders: IntArray
    areas: FloatArray
    corners: list[FloatArray]

    def areas_by_name(self, depth: int) -> dict[str, float]:
        """Areas in steradians by segment name at a depth of 1 to 5, in the orders' sequence."""
        names = segment_names(self.orders, depth).tolist()
        return {name: float(self.areas[[other == name for other in names]].sum()) for name in dict.fromkeys(names)}


def arrangement(readout: FloatArray) -> Arrangement:
    """The cells into which the read-out cuts the sphere of directions.

    Every cell has a corner where circles cross, and is one of the sectors there, so visiting all sectors of all
    crossings finds each cell and, with it, its corners.

    Args:
        readout: Read-out without a bias, (3, 5).

    Raises:
        ValueError: As `margins`.
    """
    check_readout(readout)
    first, second = np.triu_indices(len(TRAITS), k=1)
    normals = (readout[:, first] - readout[:, second]).T
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    corners_of: dict[tuple[int, ...], list[FloatArray]] = {}
    for point in crossings(normals):
        height = normals @ point
        through = np.abs(height) < COINCIDENT
        for tangent in sectors(point, normals[through]):
            leads = np.where(through, normals @ tangent, height) > 0
            corners_of.setdefault(_ranking(leads, first, second), []).append(point)
    orders = sorted(corners_of)
    corners = [polygon(np.array(corners_of[order])) for order in orders]
    return Arrangement(np.array(orders), np.array([area(cell) for cell in corners]), corners)


def _ranking(leads: BoolArray, first: IntArray, second: IntArray) -> tuple[int, ...]:
    """The order of five traits in which, for each of the ten pairs, `first` stands before `second` where it leads."""
    wins = np.bincount(np.where(leads, first, second), minlength=len(TRAITS))
    return tuple(np.argsort(-wins, kind="stable").tolist())


def boundaries(readout: FloatArray, depth: int, points: int = 24) -> list[FloatArray]:
    """The boundaries between the cells of one depth, for drawing.

    Args:
        readout: Read-out without a bias, (3, 5).
        depth: Depth of the segments, 1 to 4.
        points: Points per arc, at least two.

    Returns:
        Great-circle arcs between neighbouring crossings, unit vectors (points, 3) each, every arc once.

    Raises:
        ValueError: As `margins`, or a depth outside 1 to 4.
    """
    _walls(depth)
    cells = arrangement(readout)
    arcs = []
    for order, corners in zip(cells.orders, cells.corners, strict=True):
        for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            leads = -np.diff(((start + end) @ readout)[order])
            # Outputs equal along the arc stand reversed behind it; each arc is met from both sides and drawn once.
            run = np.concatenate([[0], np.cumsum(leads > EQUAL * np.abs(readout).max())])
            behind = order[np.lexsort((-np.arange(len(TRAITS)), run))]
            if order[:depth].tolist() < behind[:depth].tolist():
                arcs.append(arc(start, end, points))
    return arcs
