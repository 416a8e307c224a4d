"""Convex polygons on the unit sphere, each the intersection of half-spaces through the centre."""

from itertools import combinations
from typing import Final

import numpy as np

from model.types import FloatArray

# Corners and sides of a polygon closer than this, in radians, are one.
TOUCHING: Final = 1e-9
CORNERS: Final = 3  # the fewest that enclose an area


def corners(normals: FloatArray) -> FloatArray:
    """Corners of the polygon {x : |x| = 1, normals x >= 0}, anticlockwise as seen from outside the sphere.

    Each corner is a crossing of two of the planes that lies on the right side of all others.

    Args:
        normals: Unit normals of planes that leave no line between them, (k, 3); some may be redundant.

    Returns:
        Unit vectors, (m, 3) with m >= 3; (0, 3) for an empty polygon and for one narrower than `TOUCHING`.

    >>> corners(np.eye(3)).round(3).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    first, second = np.array(list(combinations(range(len(normals)), 2))).T
    crossings = np.cross(normals[first], normals[second])
    lengths = np.linalg.norm(crossings, axis=1)
    lines = crossings[lengths > TOUCHING] / lengths[lengths > TOUCHING, None]
    candidates = np.concatenate([lines, -lines])
    found = distinct(candidates[(candidates @ normals.T >= -TOUCHING).all(axis=1)])
    if len(found) < CORNERS or (centre(found) @ normals.T <= TOUCHING).any():
        return np.empty((0, 3))
    return _anticlockwise(found)


def distinct(points: FloatArray, within: float = TOUCHING) -> FloatArray:
    """The first of each group of points, (n, 3), that lie within a distance of each other, (m, 3)."""
    near = np.linalg.norm(points[:, None] - points[None], axis=2) <= within
    return points[np.tril(near, -1).sum(axis=1) == 0]


def centre(points: FloatArray) -> FloatArray:
    """Unit vector towards the mean of the corners, (m, 3); inside the polygon, for it is convex."""
    mean = points.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean))


def _anticlockwise(points: FloatArray) -> FloatArray:
    """The corners in order around their centre, from the first on."""
    axis = centre(points)
    east = points[0] - (points[0] @ axis) * axis
    angle = np.arctan2(points @ np.cross(axis, east), points @ east)
    return points[np.argsort(np.mod(angle, 2 * np.pi), kind="stable")]


def area(points: FloatArray) -> float:
    """Area of a convex polygon in steradians, from its corners in order, (m, 3).

    The polygon is a fan of triangles around its centre, each of solid angle 2 atan2(a . b x c, 1 + ab + bc + ca) (Van
    Oosterom & Strackee 1983), which loses no digits on small triangles as the sum of the angles does.

    >>> float(area(np.eye(3)) / np.pi)  # an octant of 4 pi
    0.5
    """
    if len(points) == 0:
        return 0.0
    top, following = centre(points), np.roll(points, -1, axis=0)
    volume = np.cross(points, following) @ top
    beside = 1.0 + points @ top + following @ top + np.einsum("ij,ij->i", points, following)
    return float(2 * np.arctan2(volume, beside).sum())


def arc(start: FloatArray, end: FloatArray, points: int) -> FloatArray:
    """Unit vectors evenly spread from start to end, both (3,), along the shorter great circle, (points, 3).

    >>> arc(np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), 3).round(3).tolist()
    [[1.0, 0.0, 0.0], [0.707, 0.707, 0.0], [0.0, 1.0, 0.0]]
    """
    across = end - (end @ start) * start
    sine = np.linalg.norm(across)
    turn = np.linspace(0.0, np.arctan2(sine, end @ start), points)[:, None]
    return np.asarray(np.cos(turn) * start + np.sin(turn) * (across / sine))
