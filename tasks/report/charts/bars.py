"""Bars: lengths of values beside each other, from one side or from a middle line."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """A bar from `x` on, `width` long, of a drawing that is 100 wide.

    Attributes:
        x: Left end.
        width: Length; 0 for nothing.
        falling: It stands left of the middle line.
    """

    x: float
    width: float
    falling: bool = False


def bars(values: Sequence[float]) -> list[Bar]:
    """Return bars from the left side; the largest value is as long as the drawing is wide.

    >>> [bar.width for bar in bars([2, 4, 0])]
    [50.0, 100.0, 0.0]
    """
    largest = max(values, default=0.0)
    return [Bar(0.0, round(100 * max(0.0, value) / largest, 1) if largest > 0 else 0.0) for value in values]


def two_way_bars(values: Sequence[float]) -> list[Bar]:
    """Return bars from a middle line at 50, to the right what rises and to the left what falls.

    >>> two_way_bars([2, -1])
    [Bar(x=50.0, width=50.0, falling=False), Bar(x=25.0, width=25.0, falling=True)]
    """
    largest = max((abs(value) for value in values), default=0.0)
    lengths = [round(50 * abs(value) / largest, 1) if largest else 0.0 for value in values]
    return [
        Bar(50.0 - length if value < 0 else 50.0, length, value < 0)
        for value, length in zip(values, lengths, strict=True)
    ]
