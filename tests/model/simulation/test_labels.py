"""The labels of the simulated bank: base rates and how well they can be told."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.simulation.labels import BAD_LOAN, COVERS_2000, Effects, draw_label, logistic_intercept
from model.simulation.lives import (
    draw_population,
)
from model.types import FloatArray
from tests.model.simulation.simulated import PLAIN

QUANTILES = np.array([NormalDist().inv_cdf((place + 0.5) / 4_000) for place in range(4_000)])


@given(st.floats(0.01, 0.99), st.floats(0.0, 3.0))
@settings(deadline=None)
def test_the_intercept_gives_the_base_rate(base_rate: float, spread: float) -> None:
    odds = logistic_intercept(base_rate, spread) + spread * QUANTILES
    assert (1 / (1 + np.exp(-odds))).mean() == pytest.approx(base_rate, abs=0.002)


def area_under_curve(score: FloatArray, outcome: np.ndarray) -> float:
    rank = score.argsort().argsort() + 1
    yes, no = outcome.sum(), (~outcome).sum()
    return float((rank[outcome].sum() - yes * (yes + 1) / 2) / (yes * no))


@pytest.mark.parametrize(("effects", "traits_alone", "all_of_it"), [(BAD_LOAN, 0.64, 0.69), (COVERS_2000, 0.62, 0.81)])
def test_labels_are_as_predictable_as_was_measured(effects: Effects, traits_alone: float, all_of_it: float) -> None:
    people = draw_population(np.random.default_rng(7), 60_000, 1, PLAIN)
    outcome = draw_label(np.random.default_rng(8), people, effects)
    by_traits = people.traits @ np.array(effects.traits)
    everything = by_traits + effects.income * people.income + effects.age * (people.age - 47) / 16
    assert outcome.mean() == pytest.approx(effects.base_rate, abs=0.01)
    assert area_under_curve(by_traits, outcome) == pytest.approx(traits_alone, abs=0.03)
    assert area_under_curve(everything, outcome) == pytest.approx(all_of_it, abs=0.02)
