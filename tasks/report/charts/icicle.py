"""Icicle: the hierarchy as blocks from left to right, each as high as its customers are many."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.report.content import Branch

LABEL_HEIGHT = 15.0


@dataclass(frozen=True)
class Block:
    """A node of the hierarchy in the drawing.

    Attributes:
        branch: What it stands for.
        x: Left side.
        y: Upper side.
        width: Of the block.
        height: Of the block.
        labelled: High enough for a line of text.
    """

    branch: Branch
    x: float
    y: float
    width: float
    height: float
    labelled: bool


def children(branches: Sequence[Branch]) -> dict[str, list[Branch]]:
    """Return the nodes below each code, largest first; those at depth 1 are below the empty code."""
    below = defaultdict[str, list[Branch]](list)
    for branch in branches:
        below[branch.parent].append(branch)
    return {code: sorted(nodes, key=lambda node: (-node.customers, node.code)) for code, nodes in below.items()}


def icicle(branches: Sequence[Branch], width: float = 640, height: float = 520) -> list[Block]:
    """Lay out the nodes: a column for each depth, children beside their parent, largest on top.

    A node's own customers leave an empty place below its children.

    Args:
        branches: Nodes in any order.
        width: Of the drawing.
        height: Of the drawing.
    """
    below = children(branches)
    total = sum(branch.customers for branch in below.get("", ()))
    column = width / max((branch.depth for branch in branches), default=1)
    scale = height / total if total else 0.0
    blocks: list[Block] = []
    waiting = [("", 0.0)]
    while waiting:
        parent, y = waiting.pop()
        for branch in below.get(parent, ()):
            tall = branch.customers * scale
            blocks.append(Block(branch, (branch.depth - 1) * column, y, column, tall, tall >= LABEL_HEIGHT))
            waiting.append((branch.code, y))
            y += tall
    return blocks
