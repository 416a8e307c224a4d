"""Geometry of the unit sphere cut by great circles: crossings, sectors, areas and arcs.

A great circle is given by its unit normal. Circles cross in pairs of opposite points; many may share one point.
"""

from typing import Final

import numpy as np

from model.types import FloatArray

# Closer than this, in radians, circles are one circle and points one point: about as well as doubles know the crossing
# of two circles that meet at this angle.
COINCIDENT: Final = 1e-8


def crossings(normals: FloatArray) -> FloatArray:
    """All points where at least two of the great circles cross, (k, 3), each once.

    >>> len(crossings(np.eye(3)))
    6
    """
    first, second = np.triu_indices(len(normals), k=1)
    axes = np.cross(normals[first], normals[second])
    lengths = np.linalg.norm(axes, axis=1)
    apart = lengths > COINCIDENT
    axes = axes[apart] / lengths[apart, None]
    points = np.concatenate([axes, -axes])
    same = np.linalg.norm(points[:, None] - points[None], axis=2) < COINCIDENT
    return np.asarray(points[same.argmax(axis=1) == np.arange(len(points))])


def sectors(point: FloatArray, normals: FloatArray) -> FloatArray:
    """Unit tangents at a point, (k, 3), one into the middle of each sector between the circles through it, (m, 3).

    >>> sectors(np.array([0.0, 0.0, 1.0]), np.eye(3)[:2]).round(2)[:, :2].tolist()
    [[0.71, 0.71], [-0.71, 0.71], [-0.71, -0.71], [0.71, -0.71]]
    """
    rays = np.cross(point, normals)
    rays = np.concatenate([rays, -rays])
    across = np.cross(point, rays[0])
    turns = np.sort(np.arctan2(rays @ across, rays @ rays[0]))
    middles = (turns + np.roll(turns, -1)) / 2
    middles[-1] += np.pi  # the last sector reaches over the cut of the angle
    tangents = np.cos(middles)[:, None] * rays[0] + np.sin(middles)[:, None] * across
    # Two normals of one circle leave a sector of no width.
    return np.asarray(tangents[np.diff(turns, append=turns[0] + 2 * np.pi) > COINCIDENT])


def polygon(vertices: FloatArray) -> FloatArray:
    """The vertices, (k, 3), of a convex spherical polygon, counterclockwise seen from outside."""
    centre = vertices.mean(axis=0)
    first = vertices[0] - (vertices[0] @ centre) / (centre @ centre) * centre
    second = np.cross(centre, first) / np.linalg.norm(centre)
    return np.asarray(vertices[np.argsort(np.arctan2(vertices @ second, vertices @ first), kind="stable")])


def area(corners: FloatArray) -> float:
    """Area in steradians of a convex spherical polygon, (k, 3), counterclockwise: the excess of its fan of triangles.

    The excess of a triangle comes from its corners' vectors (Van Oosterom & Strackee 1983), which stays exact where
    a sum of angles less pi would cancel.

    >>> round(area(np.eye(3)) / np.pi, 12)
    0.5
    """
    a, b, c = corners[0], corners[1:-1], corners[2:]
    volume = np.cross(b, c) @ a
    base = 1.0 + b @ a + c @ a + np.einsum("ij,ij->i", b, c)
    return float(2.0 * np.arctan2(volume, base).sum())


def arc(start: FloatArray, end: FloatArray, points: int) -> FloatArray:
    """The shorter great-circle arc from one unit vector to another, (points, 3), evenly spaced, ends included."""
    across = end - (end @ start) * start
    length = np.arctan2(np.linalg.norm(across), end @ start)
    turn = np.linspace(0.0, length, points)[:, None]
    return np.asarray(np.cos(turn) * start + np.sin(turn) * across / np.linalg.norm(across))
