"""Sparkline: how a size went over the published dates, small enough for a cell of a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from tasks.report.charts.scale import coordinates, linear

# A change of less than a tenth of the size looks like what it is: little.
LEAST_SPAN = 0.1
PAD = 3.0


@dataclass(frozen=True)
class Sparkline:
    """Lines without their gaps, lone points between two gaps, and the newest point.

    Attributes:
        width: Of the drawing.
        height: Of the drawing.
        lines: Coordinates of each unbroken line.
        dots: Points that no line shows.
        last: The newest point; None where it may not be told.
    """

    width: float
    height: float
    lines: Sequence[str]
    dots: Sequence[tuple[float, float]]
    last: tuple[float, float] | None


def sparkline(values: Sequence[float | None], width: float = 120, height: float = 28) -> Sparkline:
    """Lay values out from left to right; None leaves a gap.

    Args:
        values: Oldest first.
        width: Of the drawing.
        height: Of the drawing.

    >>> sparkline([1, 2, None, 4], 106, 26).lines
    ['3,23 36.3,16.3']
    """
    known = [value for value in values if value is not None]
    low, high = _domain(known)
    x = linear((0, max(1, len(values) - 1)), (PAD, width - PAD))
    y = linear((low, high), (height - PAD, PAD))
    points = [None if value is None else (round(x(n), 1), round(y(value), 1)) for n, value in enumerate(values)]
    runs = [
        [point for point in run if point is not None] for told, run in groupby(points, lambda p: p is not None) if told
    ]
    lines = [coordinates(run) for run in runs if len(run) > 1]
    dots = [run[0] for run in runs if len(run) == 1]
    return Sparkline(width, height, lines, dots, points[-1] if points else None)


def _domain(known: Sequence[float]) -> tuple[float, float]:
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    spare = max(0.0, LEAST_SPAN * high - (high - low))
    return low - spare / 2, high + spare / 2 if high > low or spare else low + 1.0
