"""Drawings as plain SVG: lines, marks and words in a frame with ticks, and a sentence for whoever does not see them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Mark = Literal["circle", "square", "diamond", "cross", "triangle", "star"]
WIDTH, LEFT, RIGHT, TOP, BOTTOM = 900, 70, 20, 20, 60
# Around the place of a mark, for a size of one.
_OUTLINES: dict[Mark, str] = {
    "square": "-1,-1 1,-1 1,1 -1,1",
    "diamond": "0,-1.3 1.3,0 0,1.3 -1.3,0",
    "cross": "-1,-.35 -.35,-.35 -.35,-1 .35,-1 .35,-.35 1,-.35 1,.35 .35,.35 .35,1 -.35,1 -.35,.35 -1,.35",
    "triangle": "0,-1.2 1.1,.9 -1.1,.9",
    "star": "0,-1.5 .4,-.4 1.5,-.4 .6,.3 .9,1.4 0,.8 -.9,1.4 -.6,.3 -1.5,-.4 -.4,-.4",
}


@dataclass
class Drawing:
    """A frame with its axes, filled step by step, in units of the data.

    Attributes:
        told: What it shows, in a sentence: its text alternative.
        x: Name of the horizontal axis, with its unit.
        y: Name of the vertical axis, with its unit.
        across: Least and greatest value from left to right.
        up: Value at the bottom and at the top; the first is greater where the axis points down.
        height: In pixels.
    """

    told: str
    x: str
    y: str
    across: tuple[float, float]
    up: tuple[float, float]
    height: int = 520
    _parts: list[str] = field(default_factory=list)
    _legend: list[tuple[str, str, Mark | None, str]] = field(default_factory=list)

    def line(self, x: Values, y: Values, colour: str, dash: str = "", width: float = 1.5, name: str = "") -> None:
        """Draw a line, broken where a value is missing; with a name it stands in the legend."""
        for run in np.split(np.arange(len(x)), np.flatnonzero(~np.isfinite(x + y))):
            at = [place for place in run if np.isfinite(x[place] + y[place])]
            if len(at) > 1:
                points = " ".join(self._point(x[place], y[place]) for place in at)
                self._parts.append(
                    f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}"'
                    f' stroke-dasharray="{dash}"/>'
                )
        self._name(name, colour, None, dash)

    def marks(self, x: Values, y: Values, colour: str, mark: Mark = "circle", size: float = 3, name: str = "") -> None:
        """Draw a mark at each place; with a name it stands in the legend."""
        places = zip(x.tolist(), y.tolist(), strict=True)
        drawn = [_mark(*self._at(*place), colour, mark, size) for place in places if np.isfinite(sum(place))]
        self._parts.append(f"<g>{''.join(drawn)}</g>")
        self._name(name, colour, mark, "")

    def words(self, x: float, y: float, text: str, size: int = 13) -> None:
        """Write a few words at a place, in the middle of it."""
        at_x, at_y = self._at(x, y)
        self._parts.append(
            f'<text class="on" x="{at_x:.1f}" y="{at_y + size / 3:.1f}" font-size="{size}" text-anchor="middle">'
            f"{escape(text)}</text>"
        )

    def _name(self, name: str, colour: str, mark: Mark | None, dash: str) -> None:
        if name:
            self._legend.append((name, colour, mark, dash))

    def svg(self, number: int) -> str:
        """Return it as an element of a page; the number tells it from others there."""
        rows = (len(self._legend) + 4) // 5
        whole = self.height + 24 * rows
        return (
            f'<svg viewBox="0 0 {WIDTH} {whole}" role="img" aria-labelledby="told-{number}">'
            f'<title id="told-{number}">{escape(self.told)}</title>'
            f"{self._axes()}{''.join(self._parts)}{self._names()}</svg>"
        )

    def _at(self, x: float, y: float) -> tuple[float, float]:
        part_x = (x - self.across[0]) / (self.across[1] - self.across[0])
        part_y = (y - self.up[0]) / (self.up[1] - self.up[0])
        below = self.height - BOTTOM
        return LEFT + part_x * (WIDTH - LEFT - RIGHT), below - part_y * (below - TOP)

    def _point(self, x: float, y: float) -> str:
        at_x, at_y = self._at(x, y)
        return f"{at_x:.1f},{at_y:.1f}"

    def _axes(self) -> str:
        below, right = self.height - BOTTOM, WIDTH - RIGHT
        frame = f'<path class="frame" d="M{LEFT} {TOP}V{below}H{right}" fill="none"/>'
        ticks = [
            f'<text x="{self._at(value, self.up[0])[0]:.1f}" y="{below + 20}" text-anchor="middle">{value:g}</text>'
            for value in nice_ticks(*self.across)
        ]
        ticks += [
            f'<text x="{LEFT - 8}" y="{self._at(self.across[0], value)[1] + 4:.1f}" text-anchor="end">{value:g}</text>'
            for value in nice_ticks(min(self.up), max(self.up))
        ]
        middle = (TOP + below) / 2
        names = (
            f'<text x="{(LEFT + right) / 2}" y="{below + 45}" text-anchor="middle">{escape(self.x)}</text>'
            f'<text transform="translate(16 {middle}) rotate(-90)" text-anchor="middle">{escape(self.y)}</text>'
        )
        return frame + "".join(ticks) + names

    def _names(self) -> str:
        return "".join(self._one_name(place, *entry) for place, entry in enumerate(self._legend))

    def _one_name(self, place: int, name: str, colour: str, mark: Mark | None, dash: str) -> str:
        row, column = divmod(place, 5)
        x, y = LEFT + column * 165, self.height + 12 + 24 * row
        sample = (
            _mark(x + 12, y, colour, mark, 6)
            if mark
            else f'<path d="M{x} {y}h24" stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dash}"/>'
        )
        return f'{sample}<text x="{x + 30}" y="{y + 4}">{escape(name)}</text>'


def _mark(x: float, y: float, colour: str, mark: Mark, size: float) -> str:
    if mark == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" fill="{colour}"/>'
    shape = f'<polygon points="{_OUTLINES[mark]}" fill="{colour}"'
    return f'{shape} transform="translate({x:.1f} {y:.1f}) scale({size})"/>'


def nice_ticks(least: float, greatest: float, most: int = 7) -> list[float]:
    """Return round values between two, at most so many.

    >>> nice_ticks(0.0, 3.14159)
    [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0]
    """
    span = greatest - least
    power = 10.0 ** np.floor(np.log10(span / most))
    step = next(power * times for times in (1, 2, 5, 10) if span / (power * times) <= most)
    first = np.ceil(least / step - 1e-9)
    return [round(float(step * n), 10) + 0.0 for n in np.arange(first, np.floor(greatest / step + 1e-9) + 1)]


def bounds(parts: Sequence[Values], margin: float = 0.05) -> tuple[float, float]:
    """Return the least and the greatest of all values, with some room around them.

    Args:
        parts: Values; those that are missing do not count.
        margin: Room, as a part of their span.
    """
    values = np.concatenate([np.ravel(part) for part in parts])
    values = values[np.isfinite(values)]
    least, greatest = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    room = margin * (greatest - least) or 1.0
    return least - room, greatest + room
