"""Drift: the stability index against its definition and its relatives, and where the levels begin."""

from fractions import Fraction
from math import inf, log, nextafter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from model.drift import Level, level, stability_index
from model.vocabulary import OTHER

COUNTS = st.lists(st.integers(1, 500), min_size=2, max_size=8)
PARTS = ("coverage", "unclassified")
INDICES = ("class_shares", "segments", "coverage of something else")


def distribution(counts: list[int]) -> dict[str, float]:
    """Parts that add up to one, each well above what counts as empty."""
    return {f"bin {place}": count / sum(counts) for place, count in enumerate(counts)}


@given(pairs=st.lists(st.tuples(st.integers(1, 500), st.integers(1, 500)), min_size=2, max_size=8))
def test_the_index_is_both_divergences_of_kullback_and_leibler_together(pairs: list[tuple[int, int]]) -> None:
    baseline, today = (distribution(list(counts)) for counts in zip(*pairs, strict=True))
    p, q = list(baseline.values()), list(today.values())
    assert stability_index(baseline, today) == pytest.approx(entropy(p, q) + entropy(q, p), abs=1e-12)


@given(counts=COUNTS)
def test_the_index_of_equals_is_zero_and_the_names_order_does_not_matter(counts: list[int]) -> None:
    parts = distribution(counts)
    assert stability_index(parts, dict(reversed(parts.items()))) == 0.0


def test_the_index_is_the_same_in_both_directions() -> None:
    baseline, today = {"a": 0.7, "b": 0.2, "c": 0.1}, {"a": 0.1, "b": 0.3, "c": 0.6}
    assert stability_index(baseline, today) == stability_index(today, baseline) > 0


@pytest.mark.parametrize("empty", [{}, {"new": 0.0}, {"new": 0.00009}])
def test_a_bin_that_was_empty_counts_as_one_in_ten_thousand(empty: dict[str, float]) -> None:
    baseline, today = {"old": 1.0} | empty, {"old": 0.75, "new": 0.25}
    by_hand = -0.25 * log(0.75) + (0.25 - 0.0001) * log(2500)
    assert stability_index(baseline, today) == pytest.approx(by_hand, rel=1e-12)
    assert stability_index(today, baseline) == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize(
    ("measures", "warning", "critical"),
    [(PARTS, Fraction(5, 100), Fraction(15, 100)), (INDICES, Fraction(10, 100), Fraction(25, 100))],
)
def test_a_level_begins_at_its_threshold_on_both_sides_of_zero(
    measures: tuple[str, ...], warning: Fraction, critical: Fraction
) -> None:
    steps: list[tuple[float, Level]] = [
        (0.0, "steady"),
        (nextafter(float(warning), 0), "steady"),
        (float(warning), "warning"),
        (nextafter(float(critical), 0), "warning"),
        (float(critical), "critical"),
        (inf, "critical"),
    ]
    for measure in measures:
        assert [level(measure, value) for value, _ in steps] == [expected for _, expected in steps]
        assert [level(measure, -value) for value, _ in steps] == [expected for _, expected in steps]


@given(seed=st.integers(0, 10_000))
def test_merging_bins_never_raises_the_index(seed: int) -> None:
    """Coarser bins see less (the data-processing inequality of every f-divergence)."""
    p, q = np.random.default_rng(seed).dirichlet(np.full(4, 5.0), 2)
    fine = stability_index(dict(zip("abcd", p, strict=True)), dict(zip("abcd", q, strict=True)))
    coarse = stability_index({"ab": p[:2].sum(), "c": p[2], "d": p[3]}, {"ab": q[:2].sum(), "c": q[2], "d": q[3]})
    assert coarse <= fine + 1e-12


@pytest.mark.parametrize(
    ("today", "same"),
    [
        ({"a": 0.5, "x": 0.3, "y": 0.2}, {"a": 0.5, OTHER: 0.5}),
        ({"a": 0.5, OTHER: 0.2, "y": 0.3}, {"a": 0.5, OTHER: 0.5}),
        ({"a": 1.0}, {"a": 1.0, OTHER: 0.0}),
    ],
)
def test_what_the_baseline_does_not_name_is_among_its_small_bins(
    today: dict[str, float], same: dict[str, float]
) -> None:
    baseline = {"a": 0.4, OTHER: 0.6}
    by_hand = sum((max(same[name], 1e-4) - part) * log(max(same[name], 1e-4) / part) for name, part in baseline.items())
    assert stability_index(baseline, today) == pytest.approx(by_hand, rel=1e-12)
