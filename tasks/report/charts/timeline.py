"""Timeline: a share at each date, between none and all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tasks.report.charts.scale import linear

LEFT, RIGHT, TOP, BELOW = 52.0, 24.0, 12.0, 34.0
DATES = 6


@dataclass(frozen=True)
class Timeline:
    """The drawing of shares over time.

    Attributes:
        width: Of the drawing.
        height: Of the drawing.
        points: Date, share and place of each that is told.
        lines: Places of each unbroken line.
        shares: Share and its place on the axis at the left.
        dates: Date and its place on the axis below.
    """

    width: float
    height: float
    points: Sequence[tuple[date, float, tuple[float, float]]]
    lines: Sequence[Sequence[tuple[float, float]]]
    shares: Sequence[tuple[float, float]]
    dates: Sequence[tuple[date, float]]


def timeline(values: Sequence[tuple[date, float | None]], width: float = 880, height: float = 240) -> Timeline:
    """Lay shares out by their dates, oldest first; what may not be told leaves a gap.

    Args:
        values: Dates, rising, and shares between 0 and 1.
        width: Of the drawing.
        height: Of the drawing.
    """
    days = [when.toordinal() for when, _ in values] or [0]
    x = linear((days[0], days[-1]), (LEFT, width - RIGHT)) if days[0] < days[-1] else lambda _: width / 2
    y = linear((0, 1), (height - BELOW, TOP))
    lines: list[list[tuple[float, float]]] = [[]]
    points = []
    for when, share in values:
        if share is None:
            lines.append([])
            continue
        place = (round(x(when.toordinal()), 1), round(y(share), 1))
        points.append((when, share, place))
        lines[-1].append(place)
    every = max(1, -(-len(values) // DATES))
    labels = [(when, round(x(when.toordinal()), 1)) for when, _ in list(values)[::-1][::every]]
    shares = [(share / 4, y(share / 4)) for share in range(5)]
    return Timeline(width, height, points, [line for line in lines if len(line) > 1], shares, labels)
