"""Drift: how far today's distributions have moved from those that a model was trained on."""

from collections.abc import Mapping
from typing import Final, Literal

import numpy as np

Level = Literal["steady", "warning", "critical"]
Distribution = Mapping[str, float]

# The customary levels of the population stability index.
PSI_WARNING: Final = 0.1
PSI_CRITICAL: Final = 0.25
# Differences of a part of spending or of rows.
PART_WARNING: Final = 0.05
PART_CRITICAL: Final = 0.15
# An empty bin would make the index infinite; this is less than one customer in ten thousand.
FLOOR: Final = 1e-4


def stability_index(baseline: Distribution, today: Distribution) -> float:
    """Population stability index: the sum over bins of (q - p) ln(q / p).

    Args:
        baseline: Part p of each bin at training time; parts add up to 1.
        today: Part q of each bin now; a bin missing on one side counts as (nearly) empty.

    Returns:
        0 for equal distributions; 0.1 is customarily worth a look, 0.25 a new model.

    >>> stability_index({"a": 0.5, "b": 0.5}, {"a": 0.5, "b": 0.5})
    0.0
    >>> round(stability_index({"a": 0.5, "b": 0.5}, {"a": 0.8, "b": 0.2}), 3)
    0.416
    """
    bins = sorted(baseline.keys() | today.keys())
    p = np.maximum([baseline.get(name, 0.0) for name in bins], FLOOR)
    q = np.maximum([today.get(name, 0.0) for name in bins], FLOOR)
    return float(np.sum((q - p) * np.log(q / p)))


def level(measure: str, value: float) -> Level:
    """Return how serious a measure's value is.

    Args:
        measure: ``coverage`` and ``unclassified`` are differences of parts, all others stability indices.
        value: Its value.

    >>> level("class_shares", 0.12)
    'warning'
    """
    parts = measure in ("coverage", "unclassified")
    warning, critical = (PART_WARNING, PART_CRITICAL) if parts else (PSI_WARNING, PSI_CRITICAL)
    if abs(value) >= critical:
        return "critical"
    return "warning" if abs(value) >= warning else "steady"
