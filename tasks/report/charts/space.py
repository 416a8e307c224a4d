"""Space: trajectories in three dimensions, as they look from one side; the page's script turns them the same way."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, radians, sin

from tasks.report.charts.scale import Box, coordinates, overlap
from tasks.report.content import Path
from tasks.report.content_beside import State

TURN, TILT = -35.0, 22.0
SIZE = 560.0
# How far half of the drawing reaches, in lengths of the longest state: all fit, whichever way they are turned.
REACH = 1.12
# States shorter than this point nowhere: they would fill the drawing with rounding.
SHORTEST = 1e-3
LABEL_WIDTH, LABEL_HEIGHT = 9.0, 15.0


@dataclass(frozen=True)
class Trail:
    """A trajectory in the drawing.

    Attributes:
        path: What it stands for.
        states: Its states, from the origin on, as the script reads them.
        line: Coordinates as seen from the first side.
        end: Where it ends.
        labelled: Whether its code finds a free place beside its end.
    """

    path: Path
    states: str
    line: str
    end: tuple[float, float]
    labelled: bool


@dataclass(frozen=True)
class Space:
    """The drawing of trajectories.

    Attributes:
        size: Width and height.
        scale: Units of the drawing for one unit of state.
        turn: Degrees about the upright axis.
        tilt: Degrees towards the reader.
        trails: Largest segment first.
        axes: Name, both ends as the script reads them, coordinates of the line, where the name is written.
    """

    size: float
    scale: float
    turn: float
    tilt: float
    trails: Sequence[Trail]
    axes: Sequence[tuple[str, str, str, tuple[float, float]]]


def draw_space(paths: Sequence[Path]) -> Space:
    """Lay out trajectories from the origin, seen from the side by `TURN` and from above by `TILT` degrees.

    Args:
        paths: Mean states of each segment.
    """
    longest = max((hypot(*state) for path in paths for state in path.states), default=0.0)
    longest = max(longest, SHORTEST)
    scale = SIZE / 2 / (REACH * longest)
    ordered = sorted(paths, key=lambda path: (-path.customers, path.code))
    trails: list[Trail] = []
    taken: list[Box] = []
    for path in ordered:
        states = ((0.0, 0.0, 0.0), *path.states)
        line = [project(state, scale) for state in states]
        box = _label_box(path.code, line[-1])
        free = not any(overlap(box, other) for other in taken)
        taken += [box] * free
        trails.append(Trail(path, written(states), coordinates(line), line[-1], free))
    return Space(SIZE, round(scale, 2), TURN, TILT, trails, [_axis(n, longest, scale) for n in range(3)])


def project(state: State, scale: float, turn: float = TURN, tilt: float = TILT) -> tuple[float, float]:
    """Return where a state lies in the drawing: first turned about the upright axis, then tilted.

    >>> project((1, 0, 0), 100, turn=0, tilt=0)
    (380.0, 280.0)
    """
    x, y, z = state
    a, b = radians(turn), radians(tilt)
    right = x * cos(a) - y * sin(a)
    away = x * sin(a) + y * cos(a)
    up = z * cos(b) - away * sin(b)
    return round(SIZE / 2 + scale * right, 1), round(SIZE / 2 - scale * up, 1)


def written(states: Sequence[State]) -> str:
    """Return states as the script reads them, to a thousandth.

    >>> written([(0, 0.5, -1)])
    '0,0.5,-1'
    """
    return " ".join(",".join(f"{round(value, 3):g}" for value in state) for state in states)


def _axis(n: int, longest: float, scale: float) -> tuple[str, str, str, tuple[float, float]]:
    ends = [tuple(side * longest * (k == n) for k in range(3)) for side in (-1, 1)]
    low, high = ((x, y, z) for x, y, z in ends)
    return (
        f"h{n + 1}",
        written((low, high)),
        coordinates((project(low, scale), project(high, scale))),
        project(high, scale),
    )


def _label_box(code: str, end: tuple[float, float]) -> Box:
    return end[0] + 8, end[1] - LABEL_HEIGHT / 2, LABEL_WIDTH * len(code), LABEL_HEIGHT
