"""Angle map: how many customers point where, and where the cells end, as a flat map of the sphere."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from tasks.report.charts.scale import Box, Scale, coordinates, linear, overlap, simplified
from tasks.report.content import AngleMap, Point
from tasks.report.names import last_trait

SHADES = 5
LEFT, TOP, BELOW = 44.0, 8.0, 40.0
# A point that is left out of a boundary lies so close to it, in units of the drawing.
CLOSE = 0.25
# Width of a letter, by depth, and where a label is tried: at its point, then below and above.
SIZES = (10.5, 7.5)
SHIFTS = (0.0, 18.0, -18.0, 36.0, -36.0)


@dataclass(frozen=True)
class Tile:
    """A bin, or neighbours alike, with its shade: 1 to `SHADES`."""

    x: float
    y: float
    width: float
    height: float
    shade: int


@dataclass(frozen=True)
class Map:
    """The drawing of an angle map.

    Attributes:
        width: Of the drawing.
        height: Of the drawing.
        frame: Left, upper side, width, height of the map in it.
        tiles: Bins with enough customers to be shown.
        lines: By depth 1 to 4: coordinates of the boundaries.
        labels: By depth: order of traits and where it is written.
        azimuths: Angle and its place on the axis below.
        polars: Angle and its place on the axis at the left.
        limits: Least customers of each shade, lightest first.
    """

    width: float
    height: float
    frame: tuple[float, float, float, float]
    tiles: Sequence[Tile]
    lines: Sequence[Sequence[str]]
    labels: Sequence[Sequence[tuple[str, Point]]]
    azimuths: Sequence[tuple[int, float]]
    polars: Sequence[tuple[int, float]]
    limits: Sequence[int]


def draw_map(angles: AngleMap, width: float = 880, height: float = 470) -> Map:
    """Lay out the map: azimuth to the right, polar angle downwards, darker where more customers are.

    Args:
        angles: Bins, boundaries and labels.
        width: Of the drawing.
        height: Of the drawing.
    """
    x = linear((-180, 180), (LEFT, width - 1))
    y = linear((0, 180), (TOP, height - BELOW))
    limits = shade_limits([count for row in angles.counts for count in row if count])
    return Map(
        width,
        height,
        (LEFT, TOP, width - 1 - LEFT, height - BELOW - TOP),
        _tiles(angles, x, y, limits),
        [
            [coordinates(simplified([(x(a), y(p)) for a, p in line], CLOSE)) for line in lines]
            for lines in angles.boundaries
        ],
        _labels(angles, x, y),
        [(angle, x(angle)) for angle in range(-180, 181, 60)],
        [(angle, y(angle)) for angle in range(0, 181, 30)],
        limits,
    )


def shade_limits(counts: Sequence[int]) -> list[int]:
    """Return the least count of each shade: as many bins in each, as far as their counts differ.

    >>> shade_limits([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    [1, 3, 5, 7, 9]
    """
    ordered = sorted(counts)
    return sorted({ordered[len(ordered) * n // SHADES] for n in range(SHADES)}) if ordered else []


def _labels(angles: AngleMap, x: Scale, y: Scale) -> list[list[tuple[str, Point]]]:
    """Where each code is written: at its point or close to it, inside of the map; not where others are."""
    taken: list[Box] = []
    written: list[list[tuple[str, Point]]] = []
    for depth, labels in enumerate(angles.labels, start=1):
        written.append([])
        for code, (azimuth, polar) in labels:
            half = (SIZES[depth - 1] * len(last_trait(code) if depth == 1 else code)) / 2 + 2
            across = min(max(x(azimuth), x(-180) + half), x(180) - half)
            for down in SHIFTS:
                box = across - half, y(polar) + down - 9, 2 * half, 18.0
                inside = y(0) <= box[1] and box[1] + box[3] <= y(180)
                if inside and not any(overlap(box, other) for other in taken):
                    taken.append(box)
                    written[-1].append((code, (round(across, 1), round(y(polar) + down, 1))))
                    break
    return written


def _tiles(angles: AngleMap, x: Scale, y: Scale, limits: Sequence[int]) -> list[Tile]:
    tiles = []
    for row, counts in enumerate(angles.counts):
        top, bottom = y(angles.polar_edges[row]), y(angles.polar_edges[row + 1])
        shades = [bisect_right(limits, count) if count else 0 for count in counts]
        for shade, run in groupby(enumerate(shades), key=lambda item: item[1]):
            columns = [column for column, _ in run]
            left, right = x(angles.azimuth_edges[columns[0]]), x(angles.azimuth_edges[columns[-1] + 1])
            if shade:
                tiles.append(Tile(left, top, right - left, bottom - top, shade))
    return tiles
