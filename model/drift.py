"""Drift: how far today's distributions have moved from those that a model was trained on."""

from collections.abc import Mapping
from typing import Final, Literal

import numpy as np

from model.disclosure import joining
from model.vocabulary import OTHER

Level = Literal["steady", "warning", "critical"]
Distribution = Mapping[str, float]

# The customary levels of the population stability index.
PSI_WARNING: Final = 0.1
PSI_CRITICAL: Final = 0.25
# Differences of a part of spending or of rows.
PART_WARNING: Final = 0.05
PART_CRITICAL: Final = 0.15
_PARTS: Final = ("coverage", "unclassified")
# An empty bin would make the index infinite; this is less than one customer in ten thousand.
FLOOR: Final = 1e-4


def stability_index(baseline: Distribution, today: Distribution) -> float:
    """Population stability index: the sum over bins of (q - p) ln(q / p).

    Args:
        baseline: Part p of each bin at training time; parts add up to 1.
        today: Part q of each bin now; a bin missing on one side counts as (nearly) empty. Where the baseline has small
            bins in one, those that it does not name count as part of that one.

    Returns:
        0 for equal distributions; 0.1 is customarily worth a look, 0.25 a new model.

    >>> stability_index({"a": 0.5, "b": 0.5}, {"a": 0.5, "b": 0.5})
    0.0
    >>> round(stability_index({"a": 0.5, "b": 0.5}, {"a": 0.8, "b": 0.2}), 3)
    0.416
    """
    if OTHER in baseline:
        rest = {name: part for name, part in today.items() if name not in baseline}
        today = {name: today[name] for name in today.keys() - rest.keys()}
        today = today | {OTHER: today.get(OTHER, 0.0) + sum(rest.values())}
    bins = sorted(baseline.keys() | today.keys())
    p = np.maximum([baseline.get(name, 0.0) for name in bins], FLOOR)
    q = np.maximum([today.get(name, 0.0) for name in bins], FLOOR)
    return float(np.sum((q - p) * np.log(q / p)))


def merged_bins(parts: Distribution, customers: int, min_size: int) -> dict[str, float]:
    """Return the parts of customers by bin, small bins in one, so that none shows fewer than `min_size` customers.

    Args:
        parts: Part of the customers in each bin; parts add up to 1.
        customers: All of them.
        min_size: Fewest customers of a group that may be kept.

    >>> merged_bins({"0": 0.5, "1": 0.46, "2": 0.03, "3": 0.01}, customers=100, min_size=20)
    {'0': 0.5, 'other': 0.5}
    """
    few = joining({name: round(part * customers) for name, part in parts.items()}, min_size)
    kept = {name: part for name, part in parts.items() if name not in few}
    return kept | ({OTHER: sum(parts[name] for name in few)} if few else {})


def critical_limit(measure: str) -> float:
    """Return the value from which on a measure is critical, whatever its sign.

    >>> critical_limit("class_shares"), critical_limit("coverage")
    (0.25, 0.15)
    """
    return PART_CRITICAL if measure in _PARTS else PSI_CRITICAL


def level(measure: str, value: float) -> Level:
    """Return how serious a measure's value is.

    Args:
        measure: ``coverage`` and ``unclassified`` are differences of parts, all others stability indices.
        value: Its value.

    >>> level("class_shares", 0.12)
    'warning'
    """
    if abs(value) >= critical_limit(measure):
        return "critical"
    return "warning" if abs(value) >= (PART_WARNING if measure in _PARTS else PSI_WARNING) else "steady"
