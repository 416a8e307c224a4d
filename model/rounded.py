"""Rounded: figures told so coarsely, or not at all, that no group below a minimum size can be worked out of them.

What a reader can't tell from nothing is no figure of a small group: a count is enough, or none, or may be none.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from model.disclosure import joining
from model.types import FloatArray, IntArray

# Bins as small as they may be while this part of all customers lies in bins that are told.
TOLD: Final = 0.75


def count_within(part: int, whole: int, min_size: int) -> int | None:
    """Return how many of a group of known size have a property; None where that or its complement is a small group.

    >>> [count_within(part, 30, 10) for part in (0, 3, 10, 21, 30)]
    [0, None, 10, None, 30]
    """
    return part if all(size == 0 or size >= min_size for size in (part, whole - part)) else None


def told_cells(spenders: Mapping[str, int], min_size: int) -> set[str]:
    """Return the groups whose part in a total that everybody knows may be told.

    Those of whom few take part are left out, and the smallest others until the parts left out belong to enough
    together: the total less what is told says no more than that. All are left out where the total itself is of few.

    Args:
        spenders: Members who take part, by group.
        min_size: Fewest customers of a group that may be seen.

    >>> sorted(told_cells({"a": 30, "b": 3, "c": 25, "d": 0}, 20))
    ['a', 'd']
    >>> told_cells({"a": 3, "d": 0}, 20)
    set()
    """
    some = {name: size for name, size in spenders.items() if size}
    if sum(some.values()) < min_size:
        return set()
    return set(spenders) - set(joining(some, min_size))


def share_kept(changed: int, together: int, min_size: int) -> float | None:
    """Return the share of customers who kept something, to within `min_size` of them; None where they are too few.

    The changed are told by intervals of twice the minimum, each by its middle. The lowest holds zero and more than
    the minimum, so that whoever knows by other figures that somebody changed can't tell that those were few.

    Args:
        changed: Customers who did not keep it.
        together: All customers.
        min_size: Fewest customers of a group that may be seen.

    >>> share_kept(0, 1000, 20), share_kept(39, 1000, 20), share_kept(40, 1000, 20), share_kept(1, 30, 20)
    (0.98, 0.98, 0.94, None)
    """
    interval = 2 * min_size
    if together < 2 * interval:
        return None
    return max(0.0, 1 - (changed // interval * interval + min_size) / together)


def rounded_down(counts: IntArray, min_size: int) -> IntArray:
    """Return counts, each rounded down to a multiple of `min_size`.

    A bin told as zero holds too few, or none. What totals leave over may always lie in bins that are told, or else is
    enough: of no set of bins can it be shown that it holds some, but too few.

    >>> rounded_down(np.array([0, 19, 20, 59]), 20).tolist()
    [0, 0, 20, 40]
    """
    return np.asarray(counts // min_size * min_size)


def binned(points: FloatArray, highest: Sequence[float], lowest: Sequence[float], width: float) -> IntArray:
    """Return how many points, (n, 2), lie in each bin, (first, second)."""
    edges = [np.arange(start, end + width / 2, width) for start, end in zip(lowest, highest, strict=True)]
    return np.asarray(np.histogram2d(points[:, 0], points[:, 1], bins=edges)[0], dtype=np.int64)


def finest(tables: Mapping[float, IntArray], min_size: int) -> float:
    """Return the smallest width of bins with which most customers lie in bins that are told; else the largest.

    Args:
        tables: Counts by width.
        min_size: Fewest customers of a bin that may be seen.

    >>> finest({5.0: np.array([[19, 19], [19, 19]]), 10.0: np.array([[76]])}, 20)
    10.0
    """
    for width in sorted(tables):
        counts = tables[width]
        if counts[counts >= min_size].sum() >= TOLD * counts.sum():
            return width
    return max(tables)
