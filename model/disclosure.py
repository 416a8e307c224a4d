"""Disclosure: what may be published, so that no group below a minimum size is seen, or had by subtraction.

Two tools. A tree of segments is cut back until the customers left over at every node are none or enough. A table of
moves, whose margins every reader knows, loses its small cells and as many others as keep the small ones from being
worked out (complementary cell suppression; Willenborg & de Waal, Elements of Statistical Disclosure Control, 2001).
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from model.suppression import protected_counts
from model.types import BoolArray, IntArray
from model.vocabulary import GONE, MAX_DEPTH, OTHER

Names = NDArray[np.str_]


def published_depth(names: Names, min_size: int, without: int = 0) -> IntArray:
    """Return the depth, (n,), at which each customer is published; 0 for those whose segment is withheld.

    From the deepest up, segments with too few members join what is left over at their parent. What is left over must
    be empty or large enough itself, else it could be had as the parent less its published children: until it is, the
    smallest segment published below the parent joins it. The root follows the same rule.

    Args:
        names: Segment names by depth, (n, 4).
        min_size: Fewest members of a group that may be seen.
        without: Customers beside these who have no segment; they stand at the root.

    Returns:
        Depths 0 to 4. Each published name has at least `min_size` customers at its own depth, and so have the
        customers at depth 0 with those `without`, or there are none; fewer only if that is everybody.

    >>> names = np.array([["E", "E.A", "E.A.O", "E.A.O.C"]] * 3 + [["E", "E.N", "E.N.O", "E.N.O.C"]])
    >>> published_depth(names, 2).tolist()
    [1, 1, 1, 1]
    >>> published_depth(names, 2, without=1).tolist()
    [0, 0, 0, 0]
    """
    _, first, member, counts = np.unique(names[:, -1], return_index=True, return_inverse=True, return_counts=True)
    return depth_of_orders(names[first], counts, min_size, without)[member]


def depth_of_orders(orders: Names, counts: IntArray, min_size: int, without: int = 0) -> IntArray:
    """Return the depth, (k,), at which the customers of each order are published, by the rule of `published_depth`.

    Args:
        orders: Segment names by depth, (k, 4), each order once.
        counts: Customers of each, (k,).
        min_size: Fewest members of a group that may be seen.
        without: Customers beside these who have no segment.
    """
    depth = np.full(len(orders), MAX_DEPTH)
    for level in range(MAX_DEPTH - 1, 0, -1):
        for parent in np.unique(orders[:, level - 1]):
            _settle(depth, orders, counts, orders[:, level - 1] == parent, level, min_size)
    _settle(depth, orders, counts, np.full(len(orders), True), 0, min_size, without)
    return depth


def _settle(
    depth: IntArray, orders: Names, counts: IntArray, family: BoolArray, level: int, min_size: int, beside: int = 0
) -> None:
    """Lift segments below one node to it, in `depth`, until those left over there are none or enough."""
    segment = orders[np.arange(len(orders)), depth - 1]
    below = family & (depth > level)
    sizes = {str(name): int(counts[below & (segment == name)].sum()) for name in np.unique(segment[below])}
    left_over = int(counts[family & (depth == level)].sum()) + beside
    depth[below & np.isin(segment, joining(sizes, min_size, left_over))] = level


def joining(sizes: Mapping[str, int], min_size: int, left_over: int = 0) -> list[str]:
    """Return the groups that must join those left over: all too small, then the smallest until there are enough.

    Args:
        sizes: Members by group.
        min_size: Fewest members of a group that may be seen.
        left_over: Members who stand in no group already.

    >>> joining({"a": 30, "b": 3, "c": 25}, min_size=20)
    ['b', 'c']
    >>> joining({"a": 30, "b": 25}, min_size=20)
    []
    """
    joined = []
    for name, size in sorted(sizes.items(), key=lambda item: (item[1], item[0])):
        if size >= min_size and not 0 < left_over < min_size:
            break
        joined.append(name)
        left_over += size
    return joined


def pooled(labels: Names, min_size: int, word: str) -> Names:
    """Return the labels, those of small groups in one word, so that each has `min_size` members or none.

    Args:
        labels: One a customer, (n,).
        min_size: Fewest members of a group that may be seen.
        word: In place of the labels that are merged; customers may bear it already.

    >>> pooled(np.array(["a"] * 3 + ["b"] * 2 + ["c"]), 2, "other").tolist()
    ['a', 'a', 'a', 'other', 'other', 'other']
    """
    values, counts = np.unique(labels, return_counts=True)
    sizes = {str(value): int(count) for value, count in zip(values, counts, strict=True)}
    merged = [label for label, shown in pooled_words(sizes, min_size, word).items() if shown != label]
    return np.asarray(np.where(np.isin(labels, merged), word, labels))


def pooled_words(sizes: Mapping[str, int], min_size: int, word: str) -> dict[str, str]:
    """Return what each label is shown as, by the rule of `pooled`.

    Args:
        sizes: Members by label; those of `word` itself may be among them.
        min_size: Fewest members of a group that may be seen.
        word: In place of the labels that are merged.

    >>> pooled_words({"a": 3, "b": 2, "c": 1}, 2, "other")
    {'a': 'a', 'b': 'other', 'c': 'other'}
    """
    others = {label: size for label, size in sizes.items() if label != word}
    merged = joining(others, min_size, sizes.get(word, 0))
    return {label: word if label in merged else label for label in sizes}


def published_neighbours(neighbour: Names, segment: Names, min_size: int) -> Names:
    """Return the names of neighbours, (n,), that may stand beside the published segments; "" for none.

    A neighbour is cut to the depth at which customers are published, so that no name is met that stands nowhere else.
    Where that leaves a part of the customer's own name, or a name that too few customers would bear, there is none.

    Args:
        neighbour: Segment behind the nearest boundary, (n,); "" for none.
        segment: Published segment, (n,); its names are the only ones that are known.
        min_size: Fewest customers who may share a neighbour.

    >>> segment = np.array(["E.A", "E.A", "C.N", "C.N"])
    >>> published_neighbours(np.array(["E.O", "C.O", "E.O", "E.A"]), segment, 1).tolist()
    ['', 'C', 'E', 'E.A']
    """
    pairs, member, counts = np.unique(np.stack([neighbour, segment]), axis=1, return_inverse=True, return_counts=True)
    listed = [(str(name), str(own)) for name, own in pairs.T]
    shown = shown_neighbours(dict(zip(listed, counts.tolist(), strict=True)), min_size)
    return np.array([shown[pair] for pair in listed], dtype=neighbour.dtype)[member.reshape(-1)]


def shown_neighbours(pairs: Mapping[tuple[str, str], int], min_size: int) -> dict[tuple[str, str], str]:
    """Return what each neighbour is shown as, by the rule of `published_neighbours`.

    Args:
        pairs: Customers by neighbour and published segment, those without either included as two empty names.
        min_size: Fewest customers who may share a neighbour.
    """
    segments = {own for _, own in pairs}
    known = {"": ""} | {name[:end]: name[:end] for name in segments for end in range(1, len(name) + 1, 2)}
    cut = {pair: _longest(pair[0], known) for pair in pairs}
    apart = {(name, own): "" if f"{own}.".startswith(f"{short}.") else short for (name, own), short in cut.items()}
    sizes: dict[str, int] = {}
    for pair, name in apart.items():
        sizes[name] = sizes.get(name, 0) + pairs[pair]
    shown = pooled_words(sizes, min_size, "")
    return {pair: shown[name] for pair, name in apart.items()}


def _longest(name: str, known: Mapping[str, str]) -> str:
    while name not in known:
        name = name[:-2]
    return name


def publishable_moves(moves: Mapping[tuple[str, str], int], min_size: int) -> dict[tuple[str, str], int]:
    """Return the moves that may be published beside the sizes of all groups before and after.

    Args:
        moves: Customers by group before and group after, those who stayed included.
        min_size: Fewest customers of a group that may be seen.

    Returns:
        Customers by group before and after; those of the cells that are kept back as one sum by the group after, from
        `OTHER`. Not for those who are `GONE`: with the sizes of both dates their sum would tell how many are `NEW`.

    >>> publishable_moves({("E", "E"): 40, ("C", "E"): 3, ("A", "E"): 9, ("C", "C"): 50, ("A", "A"): 60}, 10)
    {('E', 'E'): 40, ('other', 'A'): 60, ('other', 'C'): 50, ('other', 'E'): 12}
    """
    rows, columns = (sorted({pair[side] for pair in moves}) for side in (0, 1))
    table = np.array([[moves.get((row, column), 0) for column in columns] for row in rows], dtype=np.int64)
    table = table.reshape(len(rows), len(columns))
    hidden = protected_counts(table, min_size)
    shown = np.argwhere((table > 0) & ~hidden)
    kept = {(rows[i], columns[j]): int(table[i, j]) for i, j in shown}
    sums = np.where(hidden, table, 0).sum(axis=0)
    others = {(OTHER, column): int(size) for column, size in zip(columns, sums, strict=True) if size >= min_size}
    return kept | {pair: size for pair, size in others.items() if pair[1] != GONE}
