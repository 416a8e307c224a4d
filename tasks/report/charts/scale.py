"""Scales of drawings: from values to coordinates, short enough to be written thousands of times."""

from collections.abc import Callable, Iterable, Sequence
from math import hypot

from tasks.report.content import Point

Scale = Callable[[float], float]
Box = tuple[float, float, float, float]


def linear(domain: tuple[float, float], span: tuple[float, float]) -> Scale:
    """Return the straight way from a domain of values to a span of coordinates.

    >>> linear((0, 10), (100, 200))(2.5)
    125.0
    """
    (low, high), (start, end) = domain, span
    slope = (end - start) / (high - low) if high != low else 0.0
    return lambda value: start + (value - low) * slope


def coordinates(points: Iterable[tuple[float, float]]) -> str:
    """Return points as SVG writes them, to a tenth of a unit.

    >>> coordinates([(0, 1.25), (2.04, 3)])
    '0,1.2 2,3'
    """
    return " ".join(f"{x:.1f},{y:.1f}".replace(".0,", ",").removesuffix(".0") for x, y in points)


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes (left, upper side, width, height) share some room.

    >>> overlap((0, 0, 10, 10), (9, 9, 5, 5)), overlap((0, 0, 10, 10), (10, 0, 5, 5))
    (True, False)
    """
    across = one[0] < other[0] + other[2] and other[0] < one[0] + one[2]
    return across and one[1] < other[1] + other[3] and other[1] < one[1] + one[3]


def simplified(points: Sequence[Point], tolerance: float) -> list[Point]:
    """Return the fewest of a line's points whose line stays as close to all of them (Douglas and Peucker 1973).

    Args:
        points: Of the line.
        tolerance: Largest distance of a point that is left out.

    >>> simplified([(0, 0), (1, 0.1), (2, 0), (2, 2)], 0.2)
    [(0, 0), (2, 0), (2, 2)]
    """
    keep = {0, len(points) - 1}
    waiting = [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        between = range(first + 1, last)
        farthest = max(between, key=lambda n: _distance(points[n], points[first], points[last]), default=None)
        if farthest is not None and _distance(points[farthest], points[first], points[last]) > tolerance:
            keep.add(farthest)
            waiting += [(first, farthest), (farthest, last)]
    return [points[n] for n in sorted(keep)] if points else []


def _distance(point: Point, start: Point, end: Point) -> float:
    """Distance of a point from the straight piece between two others."""
    x, y = end[0] - start[0], end[1] - start[1]
    length = x * x + y * y
    along = max(0.0, min(1.0, ((point[0] - start[0]) * x + (point[1] - start[1]) * y) / length)) if length else 0.0
    return hypot(point[0] - start[0] - along * x, point[1] - start[1] - along * y)
