"""Cut: each customer's order of traits and what lies behind the nearest border; counts of them decide what is shown."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import permutations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.cells import margins, nearest_neighbours
from model.disclosure import Names, depth_of_orders, pooled_words, shown_neighbours
from model.personality import dominance_order, segment_names
from model.types import BoolArray, FloatArray, IntArray
from model.vocabulary import INSUFFICIENT, MAX_DEPTH, TRAITS, UNASSIGNED, UNDETERMINED, WITHHELD
from tasks.science.trace import BLOCK
from warehouse.errors import ModelError

Codes = NDArray[np.int16]
# Columns customer_key, active_steps, determined, h1, h2, h3.
Customers = dict[str, NDArray[np.generic]]
# An order as one number: the places of its first four traits, as digits.
_DIGITS: Final = len(TRAITS) ** np.arange(MAX_DEPTH - 1, -1, -1)
_LEVELS: Final = np.arange(1, MAX_DEPTH + 1)


def _all_names() -> Names:
    """Return the segment names of each order by its code and depth, (625, 4); "" where no order has the code."""
    names = np.full((len(TRAITS) ** MAX_DEPTH, MAX_DEPTH), "", dtype=f"<U{2 * MAX_DEPTH - 1}")
    orders = np.array(list(permutations(range(len(TRAITS)))))
    for depth in range(1, MAX_DEPTH + 1):
        names[codes_of(orders), depth - 1] = segment_names(orders, depth)
    return names


def codes_of(orders: IntArray) -> Codes:
    """Return orders of traits, (..., 5), as numbers, (...)."""
    return np.asarray(orders[..., :MAX_DEPTH] @ _DIGITS, dtype=np.int16)


NAMES: Final = _all_names()


@dataclass(frozen=True, eq=False)
class Cut:
    """What the borders between segments say of n customers.

    Attributes:
        keys: Customer keys, (n,).
        reason: Why a customer has no order, (n,); "" where there is one.
        codes: Orders of traits, (n,).
        margins: Radians to the nearest border at each depth, (n, 4).
        behind: Orders behind it at each depth, (n, 4).
    """

    keys: NDArray[np.int64]
    reason: Names
    codes: Codes
    margins: FloatArray
    behind: Codes


@dataclass(frozen=True)
class Tally:
    """Counts of customers.

    Attributes:
        reasons: By why they have no order.
        orders: By the code of their order.
        pairs: By depth, code of their order, and code of the order behind the nearest border at that depth.
    """

    reasons: Counter[str] = field(default_factory=Counter)
    orders: Counter[int] = field(default_factory=Counter)
    pairs: Counter[tuple[int, int, int]] = field(default_factory=Counter)

    def plus(self, other: "Tally") -> "Tally":
        """Return the counts of both."""
        return Tally(self.reasons + other.reasons, self.orders + other.orders, self.pairs + other.pairs)


@dataclass(frozen=True)
class Shown:
    """What may be shown, so that no group below the minimum size is seen.

    Attributes:
        depths: Depth at which an order is published, by its code.
        words: What is said of those without a segment, by the reason.
        neighbours: Pairs of code and code behind, and the name that is shown; others have none.
    """

    depths: tuple[int, ...]
    words: tuple[tuple[str, str], ...]
    neighbours: tuple[tuple[int, int, str], ...]


def cut_customers(customers: Customers, readout: FloatArray, min_active_steps: int) -> Cut:
    """Return where customers stand.

    Args:
        customers: Columns customer_key, active_steps, determined, h1, h2, h3.
        readout: Read-out without a bias, (3, 5).
        min_active_steps: Steps with spend that a customer needs.
    """
    states = np.column_stack([np.asarray(customers[f"h{unit}"], dtype=np.float64) for unit in (1, 2, 3)])
    enough = customers["active_steps"].astype(np.int64) >= min_active_steps
    known: BoolArray = customers["determined"].astype(np.bool_)
    reason = np.select([~enough, ~known], [INSUFFICIENT, UNDETERMINED], "")
    starts = range(0, max(len(states), 1), BLOCK)
    blocks = [_cut_block(states[first : first + BLOCK], readout) for first in starts]
    codes, width, behind = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    return Cut(customers["customer_key"].astype(np.int64), reason, codes, width, behind)


def _cut_block(states: FloatArray, readout: FloatArray) -> tuple[Codes, FloatArray, Codes]:
    """Cut at most `BLOCK` states as one block of that size: so a customer's margin is the same whoever is beside."""
    full = np.zeros((BLOCK, states.shape[1]))
    full[: len(states)] = states
    codes = codes_of(dominance_order(full @ readout))
    behind = [codes_of(nearest_neighbours(full, readout, int(level))[1]) for level in _LEVELS]
    count = len(states)
    return codes[:count], margins(full, readout)[:count], np.stack(behind, axis=1)[:count]


def tally(cut: Cut) -> Tally:
    """Count customers by all that decides what may be shown of them."""
    known = cut.reason == ""
    codes, behind = cut.codes[known], cut.behind[known]
    pairs = Counter[tuple[int, int, int]]()
    for level in _LEVELS.tolist():
        found, counts = np.unique(np.stack([codes, behind[:, level - 1]]), axis=1, return_counts=True)
        pairs.update(
            {(level, pair[0], pair[1]): count for pair, count in zip(found.T.tolist(), counts.tolist(), strict=True)}
        )
    return Tally(Counter(cut.reason[~known].tolist()), Counter(codes.tolist()), pairs)


def decide(counted: Tally, least: int) -> Shown:
    """Return what may be shown of customers.

    Args:
        counted: All customers of a date.
        least: Fewest members of a group that may be seen.

    Raises:
        ModelError: All together are fewer than may be shown.
    """
    count = counted.orders.total() + counted.reasons.total()
    if 0 < count < least:
        raise ModelError(f"{count} customers are known by this date, and groups below {least} are not published")
    codes = sorted(counted.orders)
    sizes = np.array([counted.orders[code] for code in codes], dtype=np.int64)
    settled = depth_of_orders(NAMES[codes], sizes, least, counted.reasons.total())
    depths = np.zeros(len(NAMES), dtype=np.int64)
    depths[codes] = settled
    withheld = {WITHHELD: int(sizes[settled == 0].sum())} if (settled == 0).any() else {}
    words = pooled_words(counted.reasons | withheld, least, UNASSIGNED)
    without = counted.reasons.total() + sum(withheld.values())
    return Shown(tuple(depths.tolist()), tuple(words.items()), _shown_neighbours(counted, depths, without, least))


def _shown_neighbours(counted: Tally, depths: IntArray, without: int, least: int) -> tuple[tuple[int, int, str], ...]:
    named: dict[tuple[int, int], tuple[str, str]] = {}
    sizes = Counter[tuple[str, str]]({("", ""): without} if without else {})
    for (level, code, behind), count in counted.pairs.items():
        if depths[code] == level:
            named[code, behind] = str(NAMES[behind, level - 1]), str(NAMES[code, level - 1])
            sizes[named[code, behind]] += count
    shown = shown_neighbours(sizes, least)
    return tuple((*pair, shown[names]) for pair, names in sorted(named.items()))
