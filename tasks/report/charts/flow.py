"""Flow diagram: who moved from where to where, as bands between two columns."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from model.vocabulary import GONE, NEW
from tasks.report.changes import may_be_told

Row = tuple[str, str, int]
SHOWN = 14
GAP = 9.0
LEAST = 1.5
SIDE = 150.0
NODE = 10.0
# At the end of their column, whatever their size.
_LAST = (NEW, GONE)


@dataclass(frozen=True)
class Node:
    """One end of bands: a segment, or newcomers and leavers."""

    code: str
    customers: int
    x: float
    y: float
    height: float


@dataclass(frozen=True)
class Band:
    """A move; `path` is its outline as SVG writes it."""

    origin: str
    target: str
    customers: int
    path: str


@dataclass(frozen=True)
class Flow:
    """The drawing of moves: the largest of them.

    Attributes:
        width: Of the drawing.
        height: Of the drawing.
        left: Where they came from.
        right: Where they went.
        bands: Largest last, so that small ones are not hidden below.
        hidden: How many more moves the table has.
    """

    width: float
    height: float
    left: Sequence[Node]
    right: Sequence[Node]
    bands: Sequence[Band]
    hidden: int


def flow(rows: Sequence[Row], width: float = 760) -> Flow:
    """Lay out the largest moves between different segments; those who stayed are not drawn, nor what is kept back.

    Args:
        rows: From, to and customers.
        width: Of the drawing.
    """
    told = [row for row in rows if row[0] != row[1] and may_be_told(row[0], row[1])]
    moved = sorted(told, key=lambda row: (-row[2], row[0], row[1]))
    shown = moved[:SHOWN]
    scale = 340.0 / max(1, sum(customers for *_, customers in shown))
    left = _column(shown, 0, SIDE, scale)
    right = _column(shown, 1, width - SIDE - NODE, scale)
    bottom = max((node.y + node.height for node in (*left, *right)), default=0.0)
    return Flow(width, round(bottom + 8), left, right, _bands(shown, left, right, scale), len(moved) - len(shown))


def _column(rows: Sequence[Row], end: int, x: float, scale: float) -> list[Node]:
    totals = defaultdict[str, int](int)
    for row in rows:
        totals[str(row[end])] += row[2]
    y, nodes = 8.0, []
    for code, customers in sorted(totals.items(), key=lambda item: (item[0] in _LAST, -item[1], item[0])):
        height = sum(max(LEAST, row[2] * scale) for row in rows if row[end] == code)
        nodes.append(Node(code, customers, x, round(y, 1), round(height, 1)))
        y += max(height, 11.0) + GAP
    return nodes


def _bands(rows: Sequence[Row], left: Sequence[Node], right: Sequence[Node], scale: float) -> list[Band]:
    places = [{node.code: number for number, node in enumerate(nodes)} for nodes in (left, right)]
    starts, ends = ({node.code: node.y for node in nodes} for nodes in (left, right))
    outlines = {}
    for origin, target, customers in sorted(rows, key=lambda row: (places[0][row[0]], places[1][row[1]])):
        tall = max(LEAST, customers * scale)
        outlines[origin, target] = _outline(left[0].x + NODE, starts[origin], right[0].x, ends[target], tall)
        starts[origin] += tall
        ends[target] += tall
    return [Band(origin, target, customers, outlines[origin, target]) for origin, target, customers in rows]


def _outline(x0: float, y0: float, x1: float, y1: float, tall: float) -> str:
    middle = (x0 + x1) / 2
    there = f"M{x0:.1f},{y0:.1f}C{middle:.1f},{y0:.1f} {middle:.1f},{y1:.1f} {x1:.1f},{y1:.1f}"
    back = f"V{y1 + tall:.1f}C{middle:.1f},{y1 + tall:.1f} {middle:.1f},{y0 + tall:.1f} {x0:.1f},{y0 + tall:.1f}Z"
    return there + back
